#pragma once
// For the sources of net/ only.

#include <string>
#include <string_view>
#include <vector>

#include "server/net/openssl_handles.h"
#include "server/net/secure_connection.h"
#include "server/net/tls_context.h"

namespace gunicorn::server {

/// TLS by OpenSSL.
class TlsConnection final : public SecureConnection {
public:
    /// `socket` is lent. `early` was read from it already. The context outlives the handshake.
    TlsConnection(const TlsContext& context, int socket, std::string_view early);

    IoResult read(char* buffer, std::size_t size) override;
    [[nodiscard]] bool wants_room() const override;
    [[nodiscard]] bool has_buffered() const override;
    /// One record at a time.
    IoResult write(std::string_view bytes, MoreFollow more) override;
    IoStatus end() override;
    [[nodiscard]] bool is_shaking_hands() const override;
    [[nodiscard]] std::vector<gateway::TlsFact> facts() const override;

private:
    // OpenSSL's way to the socket.
    friend struct TlsSocketBio;
    int receive(char* buffer, std::size_t size);
    int send(const char* bytes, std::size_t size);

    IoResult read_once(char* buffer, std::size_t size);
    IoResult on_read_failed(int error);
    IoResult fail(std::string what);
    bool complete_handshake();

    const bool tells_ragged_ends_;
    SslHandle ssl_;
    bool has_begun_ = false;   // a byte of the peer came
    bool is_plain_ = false;    // which was no TLS
    bool is_done_ = false;     // the handshake
    bool is_starved_ = false;  // the socket has no more bytes
    bool has_failed_ = false;
    bool has_ended_ = false;
    int silent_records_ = 0;
    bool wants_room_ = false;
    bool more_follow_ = false;
    bool is_writing_ = false;  // a record was begun and not sent
};

}  // namespace gunicorn::server
