#pragma once
// For the sources of net/ only.

#include <memory>
#include <string>

#include "gateway/tls_channel.h"
#include "server/net/secure_connection.h"

namespace gunicorn::server {

/// TLS by a channel of the gateway, Python's ssl. **GIL**: whoever calls read(), write(), end() or facts() may wait for it,
/// and so may the destructor; no other thread of Python has to wait for the peer.
class ChannelConnection final : public SecureConnection {
public:
    /// `socket` is lent. `early` was read from it already. A channel is made when the first byte is here; `channels`
    /// outlives it.
    ChannelConnection(gateway::TlsChannelFactory& channels, RaggedEnds ragged_ends, int socket, std::string_view early);

    IoResult read(char* buffer, std::size_t size) override;
    [[nodiscard]] bool wants_room() const override;
    [[nodiscard]] bool has_buffered() const override;
    /// One record at a time: no more ciphertext waits for a slow peer.
    IoResult write(std::string_view bytes, MoreFollow more) override;
    IoStatus end() override;
    [[nodiscard]] bool is_shaking_hands() const override;
    [[nodiscard]] std::vector<gateway::TlsFact> facts() const override;

private:
    IoStatus receive();
    IoStatus pass_on(std::string_view ciphertext);
    IoStatus shake_hands();
    IoStatus send();
    IoResult on_peer_ended();
    IoResult fail(std::string what);

    gateway::TlsChannelFactory& channels_;
    const RaggedEnds ragged_ends_;
    std::unique_ptr<gateway::TlsChannel> channel_;  // once a byte of the peer came
    bool is_established_ = false;
    bool has_failed_ = false;
    bool has_ended_ = false;
    std::size_t silent_bytes_ = 0;  // of ciphertext, since the last plaintext
    bool wants_room_ = false;
    std::size_t unsent_plaintext_ = 0;  // encrypted, and not counted as written yet
};

}  // namespace gunicorn::server
