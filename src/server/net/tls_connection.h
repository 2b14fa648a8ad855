#pragma once
// For the sources of net/ only.

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"
#include "gateway/exchange.h"
#include "server/net/openssl_handles.h"
#include "server/net/stream.h"
#include "server/net/tls_context.h"

namespace gunicorn::server {

/// TLS over a connected, non-blocking socket, by OpenSSL: plaintext in, plaintext out, and the handshake on the way. Never blocks,
/// never raises SIGPIPE. Any thread: a relay reads while the engine writes.
class TlsConnection {
public:
    /// `socket` is lent. `early` was read from it already. The context outlives the handshake.
    TlsConnection(const TlsContext& context, int socket, std::string_view early);
    TlsConnection(const TlsConnection&) = delete;
    TlsConnection& operator=(const TlsConnection&) = delete;

    /// As Stream::read_some(). After would_block, reading wants the socket to be writable where wants_room(), else readable.
    IoResult read(char* buffer, std::size_t size);
    [[nodiscard]] bool wants_room() const;
    /// Bytes are here that read() has not given, or not looked at: the kernel does not tell of them.
    [[nodiscard]] bool has_buffered() const;
    /// One record of at most kMostPlaintext bytes. After would_block the same bytes have to come again, perhaps with more behind.
    IoResult write(std::string_view bytes);
    /// Says that no more comes from us (close_notify, RFC 8446 6.1), as far as there is room for it.
    void end();

    [[nodiscard]] bool is_shaking_hands() const;
    [[nodiscard]] std::vector<gateway::TlsFact> facts() const;
    /// As Stream::failure().
    [[nodiscard]] std::string_view failure() const { return failure_; }

    /// The socket is this one from now on: the other descriptor is about to be closed.
    void move_to(UniqueFd socket);
    [[nodiscard]] int socket() const;

    static constexpr std::size_t kMostPlaintext = SSL3_RT_MAX_PLAIN_LENGTH;

private:
    // OpenSSL's way to the socket.
    friend struct TlsSocketBio;
    int receive(char* buffer, std::size_t size);
    int send(const char* bytes, std::size_t size);

    IoResult on_read_failed(int error);
    IoResult fail(std::string what);

    mutable std::mutex mutex_;
    const bool tells_ragged_ends_;
    SslHandle ssl_;
    UniqueFd own_socket_;
    int socket_;
    std::string early_;
    bool has_begun_ = false;    // a byte of the peer came
    bool is_plain_ = false;     // which was no TLS
    bool has_failed_ = false;
    bool wants_room_ = false;
    bool is_writing_ = false;   // a record was begun and not sent
    std::string failure_;
};

}  // namespace gunicorn::server
