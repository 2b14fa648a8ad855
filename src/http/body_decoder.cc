#include "http/body_decoder.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/text.h"
#include "http/characters.h"
#include "http/field_line.h"

namespace gunicorn::http {
namespace {

constexpr std::uint8_t kMaxSizeDigits = 16;  // of 4 bits: 64
constexpr std::size_t kCrlfSize = 2;

template <class T>
bool exceeds(T size, T limit) noexcept {
    return limit != 0 && size > limit;
}

// RFC 9110 6.5.1: what frames, routes or authenticates a request, or says how to read its body, cannot come behind it.
// Content-Type may, as in Gunicorn: trailers never reach an environ.
constexpr std::array<std::string_view, 20> kForbiddenTrailers = {
    "authorization",
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-range",
    "cookie",
    "expect",
    "forwarded",
    "host",
    "keep-alive",
    "max-forwards",
    "proxy-authenticate",
    "proxy-authorization",
    "range",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
};

bool is_forbidden_trailer(std::string_view name) noexcept {
    constexpr std::string_view kForwarded = "x-forwarded-";
    if (text::equal_ignoring_case(name.substr(0, kForwarded.size()), kForwarded)) return true;
    return std::any_of(kForbiddenTrailers.begin(), kForbiddenTrailers.end(),
                       [name](std::string_view forbidden) { return text::equal_ignoring_case(name, forbidden); });
}

}  // namespace

void BodyDecoder::start(Framing framing, std::uint64_t content_length) noexcept {
    remaining_ = 0;
    decoded_ = 0;
    size_digits_ = 0;
    extension_bytes_ = 0;
    line_start_ = 0;
    trailers_.clear();
    switch (framing) {
        case Framing::none: state_ = State::complete; break;
        case Framing::length:
            remaining_ = content_length;
            state_ = remaining_ == 0 ? State::complete : State::length;
            if (exceeds(content_length, limits_.body)) static_cast<void>(fail(ParseError::body_too_large));
            break;
        case Framing::chunked: state_ = State::chunk_size; break;
    }
}

Unexpected<ParseError> BodyDecoder::fail(ParseError error) noexcept {
    state_ = State::failed;
    error_ = error;
    return Unexpected{error};
}

Result<Progress, ParseError> BodyDecoder::feed(std::string_view bytes, BodySink& sink) {
    if (state_ == State::complete) return Progress{0, true};
    if (state_ == State::failed) return Unexpected{error_};
    auto progress = state_ == State::length ? feed_length(bytes, sink) : feed_chunked(bytes, sink);
    if (!progress) return fail(progress.error());
    return progress;
}

Result<Progress, ParseError> BodyDecoder::feed_length(std::string_view bytes, BodySink& sink) {
    const std::size_t size = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, bytes.size()));
    if (size > 0) sink.append(bytes.substr(0, size));
    decoded_ += size;
    remaining_ -= size;
    if (remaining_ == 0) state_ = State::complete;
    return Progress{size, state_ == State::complete};
}

Result<Progress, ParseError> BodyDecoder::feed_chunked(std::string_view bytes, BodySink& sink) {
    std::size_t used = 0;
    while (used < bytes.size() && state_ != State::complete) {
        if (state_ == State::chunk_data) {
            const std::size_t size = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, bytes.size() - used));
            sink.append(bytes.substr(used, size));
            used += size;
            decoded_ += size;
            remaining_ -= size;
            if (remaining_ == 0) state_ = State::chunk_data_cr;
        } else if (state_ == State::trailer_line) {
            GN_TRY(const std::size_t size, on_trailer_bytes(bytes.substr(used)));
            used += size;
        } else {
            GN_CHECK(on_framing_byte(bytes[used]));
            ++used;
        }
    }
    return Progress{used, state_ == State::complete};
}

// RFC 9112 7.1: chunk = chunk-size [ chunk-ext ] CRLF chunk-data CRLF
Result<void, ParseError> BodyDecoder::on_framing_byte(char byte) {
    switch (state_) {
        case State::chunk_size: return on_size_byte(byte);
        case State::chunk_size_blank:
        case State::chunk_extension: return on_extension_byte(byte);
        case State::chunk_size_lf:
            if (byte != '\n') return Unexpected{ParseError::bare_carriage_return};
            return on_chunk_header();
        case State::chunk_data_cr:
            if (byte != '\r') return Unexpected{ParseError::bad_chunk_end};
            state_ = State::chunk_data_lf;
            return {};
        case State::chunk_data_lf:
            if (byte != '\n') return Unexpected{ParseError::bad_chunk_end};
            state_ = State::chunk_size;
            return {};
        default: GN_ASSERT(false, "chunk data and trailers are not read by the byte"); return {};
    }
}

// RFC 9112 7.1: chunk-size = 1*HEXDIG. Leading zeros count as digits, so that a size is bounded.
Result<void, ParseError> BodyDecoder::on_size_byte(char byte) {
    if (const int digit = hex_digit(byte); digit >= 0) {
        if (++size_digits_ > kMaxSizeDigits) return Unexpected{ParseError::chunk_size_overflow};
        remaining_ = remaining_ * 16 + static_cast<std::uint64_t>(digit);
        return {};
    }
    if (byte == '\n') return Unexpected{ParseError::bare_line_feed};
    if (size_digits_ == 0) return Unexpected{ParseError::bad_chunk_size};
    if (byte == '\r') {
        state_ = State::chunk_size_lf;
        return {};
    }
    if (!is_blank(byte) && byte != ';') return Unexpected{ParseError::bad_chunk_size};
    state_ = State::chunk_size_blank;
    return on_extension_byte(byte);
}

// RFC 9112 7.1.1: chunk-ext = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] ). Nobody reads them: of their
// grammar only what could hide the end of the line is judged.
Result<void, ParseError> BodyDecoder::on_extension_byte(char byte) {
    if (byte == '\n') return Unexpected{ParseError::bare_line_feed};
    if (state_ == State::chunk_size_blank) {
        if (byte == ';') {
            state_ = State::chunk_extension;
        } else if (!is_blank(byte)) {
            return Unexpected{ParseError::bad_chunk_size};
        }
    } else if (byte == '\r') {
        state_ = State::chunk_size_lf;
        return {};
    } else if (!is_field_value_character(byte)) {
        return Unexpected{ParseError::bad_chunk_extension};
    }
    if (exceeds(++extension_bytes_, limits_.chunk_extensions)) return Unexpected{ParseError::chunk_extensions_too_large};
    return {};
}

Result<void, ParseError> BodyDecoder::on_chunk_header() {
    size_digits_ = 0;
    if (remaining_ == 0) {
        state_ = State::trailer_line;
        return {};
    }
    if (limits_.body != 0 && remaining_ > limits_.body - decoded_) return Unexpected{ParseError::body_too_large};
    state_ = State::chunk_data;
    return {};
}

// RFC 9112 7.1.2: trailer-section = *( field-line CRLF ), then an empty line.
Result<std::size_t, ParseError> BodyDecoder::on_trailer_bytes(std::string_view bytes) {
    const std::size_t lf = bytes.find('\n');
    const std::size_t size = lf == std::string_view::npos ? bytes.size() : lf + 1;
    std::string& text = trailers_.text();
    text.append(bytes.substr(0, size));
    std::string_view line = std::string_view(text).substr(line_start_);
    if (lf != std::string_view::npos) line.remove_suffix(1);
    GN_CHECK(check_trailer_so_far(line));
    if (lf == std::string_view::npos) return size;
    GN_CHECK(on_trailer_line(line));
    line_start_ = text.size();
    return size;
}

Result<void, ParseError> BodyDecoder::check_trailer_so_far(std::string_view line) const {
    if (line.empty() || line == "\r") return {};
    if (is_blank(line.front())) return Unexpected{ParseError::obsolete_folding};
    if (line.front() != '\r' && limits_.fields != 0 && trailers_.size() >= limits_.fields) {
        return Unexpected{ParseError::too_many_fields};
    }
    const std::size_t size = line.size() - (line.back() == '\r' ? 1 : 0) + kCrlfSize;
    if (exceeds(size, limits_.field_size)) return Unexpected{ParseError::field_too_large};
    return {};
}

Result<void, ParseError> BodyDecoder::on_trailer_line(std::string_view line) {
    if (line.empty() || line.back() != '\r') return Unexpected{ParseError::bare_line_feed};
    line.remove_suffix(1);
    if (line.empty()) {
        state_ = State::complete;
        return {};
    }
    const auto field = parse_field_line(line, SpaceBeforeColon::refuse);
    if (!field) {
        const bool has_cr = line.find('\r') != std::string_view::npos;
        return Unexpected{has_cr ? ParseError::bare_carriage_return : field.error()};
    }
    if (is_forbidden_trailer(field->name)) return Unexpected{ParseError::forbidden_trailer};
    const char* const start = trailers_.text().data();
    trailers_.entries().push_back({{static_cast<std::size_t>(field->name.data() - start), field->name.size()},
                                   {static_cast<std::size_t>(field->value.data() - start), field->value.size()}});
    return {};
}

}  // namespace gunicorn::http
