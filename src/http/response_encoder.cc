#include "http/response_encoder.h"

#include <algorithm>
#include <charconv>
#include <initializer_list>

#include "base/assert.h"
#include "http/reason_phrase.h"

namespace gunicorn::http {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kCrlf = "\r\n";

/// In one step: each append of a string by itself looks at its capacity and ends it anew.
void append_all(std::initializer_list<std::string_view> parts, std::string& out) {
    std::size_t end = out.size();
    std::size_t size = end;
    for (const std::string_view part : parts) size += part.size();
    out.resize(size);
    for (const std::string_view part : parts) end += part.copy(out.data() + end, part.size());
}

void append_number(std::uint64_t number, int base, std::string& out) {
    char digits[20];  // of the largest number, in decimal
    const auto result = std::to_chars(std::begin(digits), std::end(digits), number, base);
    out.append(digits, static_cast<std::size_t>(result.ptr - digits));
}

// Status line, Server, Date and Connection: the first lines of every final response. RFC 9112 2.3: 1.1, or 1.0 to those who
// speak it.
void append_start(const ResponseContext& context, std::string_view status_line, std::string_view connection,
                  std::string& out) {
    append_all({context.request_version >= kHttp11 ? "HTTP/1.1 "sv : "HTTP/1.0 "sv, status_line,
                context.server.empty() ? ""sv : "\r\nServer: "sv, context.server,
                context.date.empty() ? ""sv : "\r\nDate: "sv, context.date,
                "\r\nConnection: "sv, connection, kCrlf},
               out);
}

void append_content_length(std::uint64_t length, std::string& out) {
    out += "Content-Length: ";
    append_number(length, 10, out);
    out += kCrlf;
}

void append_escaped(std::string_view s, std::string& out) {
    for (const char c : s) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            case '\'': out += "&#x27;"; break;
            default: out += c;
        }
    }
}

}  // namespace

void ResponseEncoder::start(const ResponseContext& context, const ResponseHead& head,
                            std::optional<std::uint64_t> known_length, std::string& out) {
    const int status = head.status_code();
    GN_ASSERT(status != 0, "a response has a status before it is sent");
    // RFC 9110 8.6: no Content-Length with 1xx and 204. With HEAD and 304 it tells what GET would have got.
    const bool strips_length = status < 200 || status == 204;
    length_ = 0;
    sent_ = 0;
    is_finished_ = false;
    is_broken_ = false;
    has_excess_ = false;
    if (strips_length || status == 304 || context.is_head) {
        mode_ = Mode::no_body;
    } else if (head.content_length() || known_length) {
        mode_ = Mode::length;
        length_ = head.content_length() ? *head.content_length() : *known_length;
    } else {
        mode_ = context.request_version >= kHttp11 ? Mode::chunked : Mode::until_close;
    }
    // What follows 101 is no HTTP.
    keep_alive_ = context.keep_alive && mode_ != Mode::until_close && !head.is_upgrade() && status >= 200;

    append_start(context, head.status_line(), head.is_upgrade() ? "upgrade" : keep_alive_ ? "keep-alive" : "close", out);
    if (mode_ == Mode::chunked) out += "Transfer-Encoding: chunked\r\n";
    if (strips_length) {
        head.write_fields_without_length(out);
    } else {
        head.write_fields(out);
        if (mode_ == Mode::length && !head.content_length()) append_content_length(length_, out);
    }
    out += kCrlf;
}

Framed ResponseEncoder::frame(std::string_view piece, std::string& out) {
    const FramedSize framed = frame_of_size(piece.size(), out);
    return {piece.substr(0, static_cast<std::size_t>(framed.size)), framed.suffix, static_cast<std::size_t>(framed.dropped)};
}

FramedSize ResponseEncoder::frame_of_size(std::uint64_t size, std::string& out) {
    GN_DEBUG_ASSERT(!is_finished_, "nothing follows the end of a body");
    switch (mode_) {
        case Mode::no_body: return {0, {}, size};
        case Mode::length: {
            const std::uint64_t room = std::min(size, length_ - sent_);
            sent_ += room;
            if (room < size) has_excess_ = true;
            return {room, {}, size - room};
        }
        case Mode::chunked:
            if (size == 0) return {};  // RFC 9112 7.1: an empty chunk would be the last
            append_number(size, 16, out);
            out += kCrlf;
            sent_ += size;
            return {size, kCrlf, 0};
        case Mode::until_close: break;
    }
    sent_ += size;
    return {size, {}, 0};
}

std::string_view ResponseEncoder::finish() noexcept {
    is_finished_ = true;
    if (is_short()) is_broken_ = true;
    return mode_ == Mode::chunked && !is_broken_ ? "0\r\n\r\n" : "";
}

std::optional<std::uint64_t> ResponseEncoder::remaining() const noexcept {
    if (mode_ != Mode::length) return std::nullopt;
    return length_ - sent_;
}

std::size_t encode_error_page(int status, std::string_view reason, std::string_view message, const ResponseContext& context,
                       std::string& out) {
    if (reason.empty()) reason = reason_phrase(status);
    std::string page = "<html>\n<head><title>";
    append_escaped(reason, page);
    page += "</title></head>\n<body>\n<h1>";
    append_escaped(reason, page);
    page += "</h1>\n";
    if (!message.empty()) {
        page += "<p>";
        append_escaped(message, page);
        page += "</p>\n";
    }
    page += "</body>\n</html>\n";

    std::string status_line;
    append_number(static_cast<std::uint64_t>(status), 10, status_line);
    status_line += ' ';
    status_line += reason;
    append_start(context, status_line, "close", out);
    out += "Content-Type: text/html\r\n";
    append_content_length(page.size(), out);
    out += kCrlf;
    if (context.is_head) return 0;
    out += page;
    return page.size();
}

void encode_early_hints(const ResponseHead& hints, std::string& out) {
    out += "HTTP/1.1 103 Early Hints\r\n";
    hints.write_fields_without_length(out);
    out += kCrlf;
}

}  // namespace gunicorn::http
