#include "http/head_parser.h"

#include <algorithm>
#include <cstring>

#include "base/text.h"
#include "http/authority.h"
#include "http/characters.h"
#include "http/field_line.h"
#include "http/request_semantics.h"
#include "http/request_target.h"

namespace gunicorn::http {
namespace {

// RFC 9112 2.2: a server SHOULD ignore at least one empty line before the request line.
constexpr std::uint8_t kMaxEmptyLines = 4;
constexpr char kTlsHandshake = 22;  // how a record of a handshake begins (RFC 8446 5.1)

constexpr std::size_t kCrlfSize = 2;

// The line without the CR at its end, which may be half of its CRLF.
std::size_t content_size(std::string_view line) noexcept {
    return line.size() - (!line.empty() && line.back() == '\r' ? 1 : 0);
}

bool exceeds(std::size_t size, std::size_t limit) noexcept { return limit != 0 && size > limit; }

// Where a part of a line lies in the arena, in which the line begins at `line_start`.
Span span_of(std::string_view part, std::string_view line, std::size_t line_start) noexcept {
    if (part.empty()) return {};
    return {line_start + static_cast<std::size_t>(part.data() - line.data()), part.size()};
}

// RFC 9110 9.1: a method is a token, and case-sensitive. Gunicorn narrows it to 3 to 20 characters without a-z and "#".
bool is_method(std::string_view method, const ParsePolicy& policy) noexcept {
    if (!is_token(method)) return false;
    if (policy.permit_unconventional_http_method) return true;
    return method.size() >= 3 && method.size() <= 20 &&
           std::none_of(method.begin(), method.end(), [](char c) { return c == '#' || (c >= 'a' && c <= 'z'); });
}

// RFC 9112 2.3: HTTP-version = "HTTP" "/" DIGIT "." DIGIT, case-sensitive.
Result<Version, ParseError> parse_version(std::string_view s, const ParsePolicy& policy) noexcept {
    if (s.size() != 8 || s.substr(0, 5) != "HTTP/" || !text::is_digit(s[5]) || s[6] != '.' || !text::is_digit(s[7])) {
        return Unexpected{ParseError::bad_version};
    }
    const Version version{static_cast<std::uint8_t>(s[5] - '0'), static_cast<std::uint8_t>(s[7] - '0')};
    if (version.major != 1 && !policy.permit_unconventional_http_version) {
        return Unexpected{ParseError::unsupported_version};
    }
    return version;
}

// RFC 9112 5.2: the CRLF of an obs-fold and the white space around it become one SP, as in Gunicorn. The line begins at
// `line_start` and is the last one of the arena; the field before it is the last of the list.
void fold(std::string_view line, std::size_t line_start, FieldList& fields) {
    FieldList::Entry& entry = fields.entries().back();
    std::string& text = fields.text();
    const Span more = span_of(trim_blanks(line), line, line_start);
    if (more.size == 0) {
        text.resize(line_start);
    } else if (entry.value.size == 0) {
        entry.value = more;
    } else {
        text[entry.value.end()] = ' ';
        std::memmove(&text[entry.value.end() + 1], &text[more.offset], more.size);
        entry.value.size += 1 + more.size;
        text.resize(entry.value.end());
    }
}

}  // namespace

void HeadParser::reset() noexcept {
    state_ = State::fresh;
    empty_lines_ = 0;
    line_start_ = 0;
    field_size_ = 0;
    field_count_ = 0;
}

Unexpected<ParseError> HeadParser::fail(ParseError error) noexcept {
    state_ = State::failed;
    error_ = error;
    return Unexpected{error};
}

Result<Progress, ParseError> HeadParser::feed(std::string_view bytes, RequestHead& head) {
    if (state_ == State::complete) return Progress{0, true};
    if (state_ == State::failed) return Unexpected{error_};
    if (state_ == State::fresh && !bytes.empty()) {
        head.clear();
        state_ = State::empty_lines;
    }
    std::string& text = head.fields_.text();
    std::size_t used = 0;
    while (used < bytes.size()) {
        const char* const from = bytes.data() + used;
        const void* const lf = std::memchr(from, '\n', bytes.size() - used);
        const std::size_t size =
            lf ? static_cast<std::size_t>(static_cast<const char*>(lf) - from) + 1 : bytes.size() - used;
        // A line that came in one piece is read where it came; the copy of it is still on its way to the cache.
        const bool is_whole = text.size() == line_start_;
        text.append(from, size);
        used += size;
        std::string_view line = is_whole ? std::string_view(from, size) : std::string_view(text).substr(line_start_);
        if (lf) line.remove_suffix(1);
        if (auto checked = check_so_far(line); !checked) return fail(checked.error());
        if (!lf) break;
        if (auto taken = on_line(line, head); !taken) return fail(taken.error());
        line_start_ = text.size();
        if (state_ == State::complete) return Progress{used, true};
    }
    return Progress{used, false};
}

Result<void, ParseError> HeadParser::check_so_far(std::string_view line) {
    if (line.empty()) return {};
    if (state_ == State::field_line) return check_field_so_far(line);
    if (line != "\r") state_ = State::request_line;
    // Whatever speaks another protocol (TLS, say) is refused at its first byte.
    if (line.front() == kTlsHandshake) return Unexpected{ParseError::tls_handshake};
    if (line.front() != '\r' && !is_token_character(line.front())) return Unexpected{ParseError::bad_method};
    if (exceeds(content_size(line), limits_.request_line)) return Unexpected{ParseError::request_line_too_long};
    return {};
}

Result<void, ParseError> HeadParser::check_field_so_far(std::string_view line) const {
    if (line == "\r") return {};
    std::size_t size = content_size(line) + kCrlfSize;
    if (is_blank(line.front())) {
        // RFC 9112 2.2: white space between the request line and the first field is refused in any case.
        if (field_count_ == 0) return Unexpected{ParseError::bad_field_line};
        if (!policy_.permit_obsolete_folding) return Unexpected{ParseError::obsolete_folding};
        size += field_size_;
    } else if (line.front() != '\r' && limits_.fields != 0 && field_count_ >= limits_.fields) {
        return Unexpected{ParseError::too_many_fields};
    }
    if (exceeds(size, limits_.field_size)) return Unexpected{ParseError::field_too_large};
    return {};
}

Result<void, ParseError> HeadParser::on_line(std::string_view line, RequestHead& head) {
    // RFC 9112 2.2 lets a recipient accept a bare LF; one that does not, is never desynchronised by it.
    if (line.empty() || line.back() != '\r') return Unexpected{ParseError::bare_line_feed};
    line.remove_suffix(1);
    Result<void, ParseError> taken;
    if (state_ == State::field_line) {
        taken = on_field_line(line, head);
    } else if (line.empty()) {
        if (++empty_lines_ > kMaxEmptyLines) return Unexpected{ParseError::too_many_empty_lines};
        head.fields_.clear();
    } else {
        taken = on_request_line(line, head);
        state_ = State::field_line;
    }
    // No grammar of a line has a CR in it: the line was refused already, and this is the better reason.
    if (!taken && line.find('\r') != std::string_view::npos) return Unexpected{ParseError::bare_carriage_return};
    return taken;
}

// RFC 9112 3: request-line = method SP request-target SP HTTP-version
Result<void, ParseError> HeadParser::on_request_line(std::string_view line, RequestHead& head) {
    head.request_line_ = span_of(line, line, line_start_);
    const std::size_t first_space = line.find(' ');
    if (first_space == std::string_view::npos) return Unexpected{ParseError::bad_request_line};
    const std::size_t second_space = line.find(' ', first_space + 1);
    if (second_space == std::string_view::npos) return Unexpected{ParseError::bad_request_line};

    std::string_view method = line.substr(0, first_space);
    const std::string_view target = line.substr(first_space + 1, second_space - first_space - 1);
    const std::string_view protocol = line.substr(second_space + 1);
    const auto span = [&](std::string_view part) { return span_of(part, line, line_start_); };
    head.method_ = span(method);
    if (policy_.casefold_http_method) {
        char* const letters = head.fields_.text().data() + line_start_;
        std::transform(letters, letters + method.size(), letters, text::upper);
        method = head.method();
    }
    if (!is_method(method, policy_)) return Unexpected{ParseError::bad_method};
    GN_TRY(const TargetParts parts, parse_target(target, method));
    GN_TRY(head.version_, parse_version(protocol, policy_));
    head.target_ = span(target);
    head.path_ = span(parts.path);
    head.query_ = span(parts.query);
    head.fragment_ = span(parts.fragment);
    head.protocol_ = span(protocol);
    scheme_ = span(parts.scheme);
    authority_ = span(parts.authority);
    return {};
}

Result<void, ParseError> HeadParser::on_field_line(std::string_view line, RequestHead& head) {
    if (line.empty()) return on_end_of_fields(head);
    const std::size_t size = line.size() + kCrlfSize;
    if (is_blank(line.front())) {
        if (!is_field_value(line)) return Unexpected{ParseError::bad_field_value};
        field_size_ += size;
        fold(line, line_start_, head.fields_);
        return {};
    }
    GN_TRY(const FieldView field,
           parse_field_line(line, policy_.strip_header_spaces ? SpaceBeforeColon::strip : SpaceBeforeColon::refuse));
    head.fields_.entries().push_back({span_of(field.name, line, line_start_), span_of(field.value, line, line_start_)});
    field_size_ = size;
    ++field_count_;
    return {};
}

Result<void, ParseError> HeadParser::on_end_of_fields(RequestHead& head) {
    GN_TRY(const RequestSemantics semantics, judge_fields(head.fields_, head.version_));
    if (authority_.size != 0) GN_CHECK(take_host_of_target(head.fields_));
    head.framing_ = semantics.framing;
    head.content_length_ = semantics.content_length;
    head.expects_continue_ = semantics.expects_continue;
    // RFC 9110 9.3.6: behind a CONNECT somebody on the way may see a tunnel where we would see requests.
    head.wants_keep_alive_ = semantics.wants_keep_alive && head.method() != "CONNECT";
    head.wants_upgrade_ = semantics.wants_upgrade;
    state_ = State::complete;
    return {};
}

// RFC 9112 3.2.2: the host of an absolute-form is that of the request, whatever Host says, and a client MUST say the
// same there. One that does not may have found somebody on the way who believes Host: refused.
Result<void, ParseError> HeadParser::take_host_of_target(FieldList& fields) const {
    std::string& arena = fields.text();
    for (FieldList::Entry& entry : fields.entries()) {
        if (!text::equal_ignoring_case(entry.name.in(arena), "host")) continue;
        const Authority said = split_authority(entry.value.in(arena));
        if (!is_same_authority(said, split_authority(authority_.in(arena)), scheme_.in(arena))) {
            return Unexpected{ParseError::host_disagrees};
        }
        entry.value = authority_;
        return {};
    }
    const Span name{arena.size(), std::string_view("Host").size()};
    arena += "Host";
    fields.entries().push_back({name, authority_});
    return {};
}

}  // namespace gunicorn::http
