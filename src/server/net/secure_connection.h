#pragma once
// For the sources of net/ only.

#include <string_view>
#include <vector>

#include "base/unique_fd.h"
#include "gateway/exchange.h"
#include "server/net/stream.h"

namespace gunicorn::server {

/// Whether more bytes follow at once: the kernel may wait for them before it sends a packet that is not full.
enum class MoreFollow { no, yes };

/// TLS over a connected, non-blocking socket: plaintext in, plaintext out, and the handshake on the way. Never blocks on the
/// peer, never raises SIGPIPE. One thread at a time.
class SecureConnection {
public:
    virtual ~SecureConnection() = default;
    /// As Stream::read_some(). After would_block, reading wants the socket to be writable where wants_room(), else readable.
    virtual IoResult read(char* buffer, std::size_t size) = 0;
    [[nodiscard]] virtual bool wants_room() const = 0;
    /// What somebody else has read from the socket, for the next read(). Nothing that was taken waits.
    virtual void take(std::string_view received) = 0;
    /// Bytes are here that read() has not given, or not looked at: the kernel does not tell of them.
    [[nodiscard]] virtual bool has_buffered() const = 0;
    /// Some of `bytes`, from their beginning. After would_block the same bytes have to come again, perhaps with more behind.
    virtual IoResult write(std::string_view bytes, MoreFollow more) = 0;
    /// Says that no more comes from us (close_notify, RFC 8446 6.1). would_block: when there was room it has to be said
    /// again.
    virtual IoStatus end() = 0;

    [[nodiscard]] virtual bool is_shaking_hands() const = 0;
    [[nodiscard]] virtual std::vector<gateway::TlsFact> facts() const = 0;
    /// As Stream::failure().
    [[nodiscard]] virtual std::string_view failure() const = 0;

    /// The socket is this one from now on: the other descriptor is about to be closed.
    virtual void move_to(UniqueFd socket) = 0;
    [[nodiscard]] virtual int socket() const = 0;

    /// Why a peer is cut that sends records without plaintext behind the handshake, such as new keys (RFC 8446 4.6.3), again
    /// and again: each is work for us and may ask for an answer, and OpenSSL knows no limit.
    static constexpr const char* kTooSilent = "broke off: too many records without data";

    static constexpr std::size_t kMostPlaintext = 16384;  ///< of a record (RFC 8446 5.1)
};

/// Whether the first byte of a connection is that of an HTTP request, the letter of a method. A TLS record of a handshake
/// begins with 22 (RFC 8446 5.1).
[[nodiscard]] constexpr bool begins_http(char first) noexcept {
    return (first >= 'A' && first <= 'Z') || (first >= 'a' && first <= 'z');
}

}  // namespace gunicorn::server
