#pragma once

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <string_view>

#include "base/unique_fd.h"
#include "load/tls_client.h"

namespace gunicorn::bench {

/// Bytes to and from a server on loopback, never blocking: a TCP connection, or TLS above one. `send` and `receive`
/// answer as send(2) and recv(2) do; the end of a TLS connection, whatever the reason, is EPIPE.
class Channel {
public:
    Channel() = default;
    Channel(Channel&&) = delete;
    ~Channel() { close(); }

    /// Begins to connect, from the address `host` behind 127.0.0.1. With `tls`, which outlives the channel, the first
    /// `send` or `receive` begins the handshake; with `resume` it resumes the session of the connection before.
    bool open(std::uint16_t port, std::uint32_t host, const TlsClient* tls, bool resume);
    void close();

    ssize_t send(std::string_view bytes);
    ssize_t receive(std::span<char> buffer);
    /// Whether a `receive` of fewer bytes than fit has taken all there is; if not, only EAGAIN says so.
    [[nodiscard]] bool empty_when_short() const noexcept { return tls_ == nullptr; }

    [[nodiscard]] int fd() const noexcept { return fd_.get(); }
    explicit operator bool() const noexcept { return static_cast<bool>(fd_); }

private:
    ssize_t result(int count);

    UniqueFd fd_;
    Tls tls_;
    TlsSession session_;
};

}  // namespace gunicorn::bench
