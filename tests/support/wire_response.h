#pragma once
// Reads responses as a client would that trusts nothing: for what the server wrote, not with the server's own code.

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gunicorn::test {

/// One final response on a wire.
struct WireResponse {
    int status = 0;
    std::string head;  ///< status line and fields, each with its CRLF
    std::string body;
    bool is_complete = false;  ///< false: the wire ended before
    bool says_close = false;
    bool ends_with_the_connection = false;  ///< no other end of the body was announced

    [[nodiscard]] bool has_line(std::string_view line) const {
        return ("\r\n" + head).find("\r\n" + std::string(line) + "\r\n") != std::string::npos;
    }
};

namespace wire {

inline std::optional<std::string_view> value_of(std::string_view head, std::string_view field) {
    const std::string start = "\r\n" + std::string(field) + ": ";
    const std::size_t at = head.find(start);
    if (at == std::string_view::npos) return std::nullopt;
    const std::size_t begin = at + start.size();
    return head.substr(begin, head.find("\r\n", begin) - begin);
}

inline std::optional<std::uint64_t> number(std::string_view text, int base) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// False when it is malformed.
inline bool read_chunks(std::string_view& bytes, WireResponse& response) {
    for (;;) {
        const std::size_t end = bytes.find("\r\n");
        if (end == std::string_view::npos) return true;
        const auto size = number(bytes.substr(0, end), 16);
        if (!size) return false;
        bytes.remove_prefix(end + 2);
        response.body += bytes.substr(0, *size);
        if (bytes.size() < *size + 2) {
            bytes = {};
            return true;
        }
        if (bytes.substr(*size, 2) != "\r\n") return false;
        bytes.remove_prefix(*size + 2);
        response.is_complete = *size == 0;
        if (response.is_complete) return true;
    }
}

}  // namespace wire

/// Takes one final response off the front of `bytes`, which are all that will come. Nothing: they are no response.
inline std::optional<WireResponse> take_response(std::string_view& bytes, bool is_answer_to_head) {
    WireResponse response;
    const std::size_t end = bytes.find("\r\n\r\n");
    if (end == std::string_view::npos) {
        bytes = {};
        return response;
    }
    response.head = bytes.substr(0, end + 2);
    bytes.remove_prefix(end + 4);
    const std::string_view head = response.head;
    const auto status = wire::number(head.substr(head.find(' ') + 1, 3), 10);
    if ((!head.starts_with("HTTP/1.1 ") && !head.starts_with("HTTP/1.0 ")) || !status || *status < 200)
        return std::nullopt;
    response.status = static_cast<int>(*status);
    const auto connection = wire::value_of(head, "Connection");
    response.says_close = connection == "close";
    const auto length = wire::value_of(head, "Content-Length");
    const auto coding = wire::value_of(head, "Transfer-Encoding");
    if (!connection || (length && coding) || (coding && coding != "chunked")) return std::nullopt;
    if (is_answer_to_head || response.status == 204 || response.status == 304) {
        response.is_complete = true;
    } else if (coding) {
        if (!wire::read_chunks(bytes, response)) return std::nullopt;
    } else if (length) {
        const auto size = wire::number(*length, 10);
        if (!size) return std::nullopt;
        response.body = bytes.substr(0, *size);
        response.is_complete = response.body.size() == *size;
        bytes.remove_prefix(response.body.size());
    } else {
        response.body = bytes;
        response.ends_with_the_connection = response.is_complete = true;
        bytes = {};
    }
    return response;
}

}  // namespace gunicorn::test
