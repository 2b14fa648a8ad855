#include "http/response_head.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "http/characters.h"

namespace gunicorn::http {
namespace {

using text::equal_ignoring_case;

// PEP 3333: "Other HTTP Features"; Server and Date as in Gunicorn (util.hop_headers). Connection and Upgrade are looked at
// first.
constexpr std::array<std::string_view, 8> kOwnedByServer = {
    "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailers", "transfer-encoding", "server", "date",
};

bool is_owned_by_server(std::string_view name) noexcept {
    return std::any_of(kOwnedByServer.begin(), kOwnedByServer.end(),
                       [name](std::string_view owned) { return equal_ignoring_case(name, owned); });
}

bool lists_upgrade(std::string_view value) noexcept {
    for (;;) {
        const std::size_t comma = std::min(value.find(','), value.size());
        if (equal_ignoring_case(trim_blanks(value.substr(0, comma)), "upgrade")) return true;
        if (comma == value.size()) return false;
        value.remove_prefix(comma + 1);
    }
}

}  // namespace

std::string_view text_of(ResponseError error) noexcept {
    switch (error) {
        case ResponseError::bad_status: return "the status is not three digits, a space and a reason without control characters";
        case ResponseError::interim_status: return "a status of 1xx is no answer; wsgi.early_hints sends 103";
        case ResponseError::bad_field_name: return "the name of a header is not a token";
        case ResponseError::bad_field_value: return "the value of a header has a control character in it";
        case ResponseError::bad_content_length: return "Content-Length is not a number";
        case ResponseError::two_content_lengths: return "two different values of Content-Length";
    }
    return "";
}

Result<void, ResponseError> ResponseHead::set_status(std::string_view status_line) {
    const auto digit = [&](std::size_t i) { return i < status_line.size() && text::is_digit(status_line[i]); };
    if (!digit(0) || !digit(1) || !digit(2) || status_line[0] == '0') return Unexpected{ResponseError::bad_status};
    if (status_line.size() > 3 && status_line[3] != ' ') return Unexpected{ResponseError::bad_status};
    // RFC 9112 4: a reason has the characters of a field value. Anything else might end the line (11.1, response splitting).
    if (!is_field_value(status_line)) return Unexpected{ResponseError::bad_status};
    // RFC 9110 15.2: who sends it owes a final response. Behind 101 comes what is no HTTP.
    if (status_line[0] == '1' && !status_line.starts_with("101")) return Unexpected{ResponseError::interim_status};
    status_code_ = (status_line[0] - '0') * 100 + (status_line[1] - '0') * 10 + (status_line[2] - '0');
    status_line_ = status_line;
    if (status_line.size() == 3) status_line_ += ' ';  // RFC 9112 4: the SP stays when the reason is empty
    return {};
}

Result<void, ResponseError> ResponseHead::add(std::string_view name, std::string_view value) {
    if (!is_token(name)) return Unexpected{ResponseError::bad_field_name};
    if (!is_field_value(value)) return Unexpected{ResponseError::bad_field_value};
    value = trim_blanks(value);
    if (equal_ignoring_case(name, "content-length")) {
        const std::optional<std::uint64_t> length = text::parse_decimal(value);
        if (!length) return Unexpected{ResponseError::bad_content_length};
        if (content_length_) {
            if (*content_length_ != *length) return Unexpected{ResponseError::two_content_lengths};
            return {};
        }
        content_length_ = length;
        content_length_index_ = fields_.size();
    } else if (equal_ignoring_case(name, "connection")) {
        is_upgrade_ = is_upgrade_ || lists_upgrade(value);
        return {};
    } else if (equal_ignoring_case(name, "upgrade")) {
        if (!equal_ignoring_case(value, "websocket")) return {};
    } else if (is_owned_by_server(name)) {
        return {};
    }
    fields_.append(name, value);
    return {};
}

void ResponseHead::write_fields_without_length(std::string& out) const {
    const std::string_view text = fields_.text();
    if (!content_length_) {
        out += text;
        return;
    }
    const FieldList::Entry& length = fields_.entries()[content_length_index_];
    out += text.substr(0, length.name.offset);
    out += text.substr(length.value.end() + std::string_view("\r\n").size());
}

void ResponseHead::clear() noexcept {
    status_line_.clear();
    fields_.clear();
    content_length_.reset();
    content_length_index_ = 0;
    status_code_ = 0;
    is_upgrade_ = false;
}

}  // namespace gunicorn::http
