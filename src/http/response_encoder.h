#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/request_head.h"
#include "http/response_head.h"

namespace gunicorn::http {

/// What the answer has to know about its request, its connection and the server. Views are lent for the call.
struct ResponseContext {
    Version request_version = kHttp11;
    bool is_head = false;
    bool keep_alive = false;               ///< both sides want it; the encoder may still say "close"
    std::string_view date;                 ///< IMF-fixdate (RFC 9110 5.6.7); empty: no Date field
    std::string_view server = "gunicorn";  ///< empty: no Server field
};

/// How to send one piece of a body: what frame() appended, then `piece`, then `suffix`.
struct Framed {
    std::string_view piece;   ///< the beginning of what was given, all of it unless something was dropped
    std::string_view suffix;  ///< static
    std::size_t dropped = 0;  ///< bytes that must not be sent: past the declared length, or a response without a body
};

/// The same for bytes that are somewhere else (sendfile).
struct FramedSize {
    std::uint64_t size = 0;
    std::string_view suffix;
    std::uint64_t dropped = 0;
};

/// Turns one response into bytes (RFC 9112 6, 7.1) and watches its length. Reused: start() begins the next response.
class ResponseEncoder {
public:
    /// Appends the head. `known_length` is the length of the whole body, where the caller has it all; a length that the
    /// application declared wins over it. Needs a status.
    void start(const ResponseContext& context, const ResponseHead& head, std::optional<std::uint64_t> known_length,
               std::string& out);

    /// Frames one piece; an empty one gives nothing to send.
    [[nodiscard]] Framed frame(std::string_view piece, std::string& out);
    [[nodiscard]] FramedSize frame_of_size(std::uint64_t size, std::string& out);

    /// The application is done: what ends the body, a static view, maybe empty.
    [[nodiscard]] std::string_view finish() noexcept;
    /// The body will not be finished (the application raised, the client went away): close the connection. Nothing to send:
    /// a chunked body without its last chunk tells the client.
    void abort() noexcept { is_broken_ = true; }

    /// False before finish(), when the body was shorter than declared, aborted or ended by the close, after an upgrade, and
    /// when the context said so.
    [[nodiscard]] bool may_keep_alive() const noexcept { return is_finished_ && keep_alive_ && !is_broken_; }
    /// False for HEAD, 1xx, 204 and 304: pieces are dropped.
    [[nodiscard]] bool has_body() const noexcept { return mode_ != Mode::no_body; }
    /// Once started: whatever follows is dropped, for a response without a body and behind the announced length.
    [[nodiscard]] bool is_full() const noexcept { return mode_ == Mode::no_body || has_excess_; }
    /// More was given than the length that was announced.
    [[nodiscard]] bool has_excess() const noexcept { return has_excess_; }
    /// The body has ended before the length that was announced.
    [[nodiscard]] bool is_short() const noexcept { return is_finished_ && mode_ == Mode::length && sent_ < length_; }
    [[nodiscard]] bool is_chunked() const noexcept { return mode_ == Mode::chunked; }
    /// Bytes of body framed so far, without the framing (access log).
    [[nodiscard]] std::uint64_t bytes_of_body() const noexcept { return sent_; }
    /// What is left of the length that was announced; nothing when none was.
    [[nodiscard]] std::optional<std::uint64_t> remaining() const noexcept;

private:
    enum class Mode : std::uint8_t { no_body, length, chunked, until_close };

    Mode mode_ = Mode::no_body;
    bool keep_alive_ = false;
    bool is_finished_ = false;
    bool is_broken_ = false;
    bool has_excess_ = false;
    std::uint64_t length_ = 0;  // announced
    std::uint64_t sent_ = 0;
};

/// Appends a whole response of the server's own: a small page with `message` escaped, "Connection: close". For HEAD the page
/// is left out. `reason` is the server's own text, one line; empty: the one of the table. Returns the bytes of the body.
std::size_t encode_error_page(int status, std::string_view reason, std::string_view message, const ResponseContext& context,
                              std::string& out);

/// RFC 9110 15.2.1: "HTTP/1.1 100 Continue" with its empty line.
inline constexpr std::string_view kContinueResponse = "HTTP/1.1 100 Continue\r\n\r\n";

/// RFC 8297: appends a 103 response with the fields of `hints` (its status does not matter). Not for clients of HTTP/1.0.
void encode_early_hints(const ResponseHead& hints, std::string& out);

}  // namespace gunicorn::http
