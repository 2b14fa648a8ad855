#pragma once
// For the sources of net/ only.

#include <string>
#include <string_view>
#include <utility>
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
    /// `socket` is lent. `early` was read from it already.
    SecureConnection(int socket, std::string_view early) : socket_(socket), early_(early) {}
    SecureConnection(const SecureConnection&) = delete;
    SecureConnection& operator=(const SecureConnection&) = delete;
    virtual ~SecureConnection() = default;
    /// As Stream::read_some(). After would_block, reading wants the socket to be writable where wants_room(), else readable.
    virtual IoResult read(char* buffer, std::size_t size) = 0;
    [[nodiscard]] virtual bool wants_room() const = 0;
    /// What somebody else has read from the socket, for the next read(). Nothing that was taken waits.
    void take(std::string_view received) { early_ = received; }
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
    [[nodiscard]] std::string_view failure() const { return failure_; }

    /// The socket is this one from now on: the other descriptor is about to be closed.
    void move_to(UniqueFd socket) {
        own_socket_ = std::move(socket);
        socket_ = own_socket_.get();
    }
    [[nodiscard]] int socket() const { return socket_; }

    /// Why a peer is cut that sends records without plaintext behind the handshake, such as new keys (RFC 8446 4.6.3), again
    /// and again: each is work for us and may ask for an answer, and OpenSSL knows no limit.
    static constexpr const char* kTooSilent = "broke off: too many records without data";

    static constexpr std::size_t kMostPlaintext = 16384;  ///< of a record (RFC 8446 5.1)

protected:
    UniqueFd own_socket_;  // once it was moved to
    int socket_;
    std::string early_;  // what somebody else has read, before the bytes of the socket
    std::string failure_;
};

/// Whether the first byte of a connection is that of an HTTP request, the letter of a method. A TLS record of a handshake
/// begins with 22 (RFC 8446 5.1).
[[nodiscard]] constexpr bool begins_http(char first) noexcept {
    return (first >= 'A' && first <= 'Z') || (first >= 'a' && first <= 'z');
}

}  // namespace gunicorn::server
