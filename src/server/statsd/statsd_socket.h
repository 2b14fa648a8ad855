#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"
#include "server/net/address.h"
#include "server/statsd/request_metrics.h"

namespace gunicorn::server {

/// statsd_host as its validator leaves it, "host:port" or "unix://PATH"; a relative path is one of the working directory.
[[nodiscard]] Address statsd_address(std::string_view text);

/// A socket for datagrams to one address. It is not connected: a daemon that comes late, or starts again with another socket
/// at its path, gets what is sent from then on. Shared by all processes of a generation.
class StatsdSocket final : public DatagramSink {
public:
    /// Resolves the host, once: **blocks** as resolve() does. Nobody has to listen there.
    static Result<StatsdSocket> open(const Address& address);

    StatsdSocket(StatsdSocket&& other) noexcept
        : socket_(std::move(other.socket_)), address_(other.address_), lost_(other.lost()) {}

    /// What the kernel does not take at once (no daemon, its queue is full) is counted and gone.
    void send(std::string_view datagram) noexcept override;

    /// Of this process: datagrams that were not taken, and the errno of the last one.
    [[nodiscard]] std::uint64_t lost() const noexcept { return lost_.load(std::memory_order_relaxed); }
    [[nodiscard]] int last_error() const noexcept { return last_error_.load(std::memory_order_relaxed); }

    /// How long a datagram may be: a packet of Ethernet less its headers, or what agents read from a unix socket.
    [[nodiscard]] std::size_t most_bytes() const noexcept { return address_.family() == AF_UNIX ? 8192 : 1432; }

private:
    StatsdSocket(UniqueFd socket, const SocketAddress& address) : socket_(std::move(socket)), address_(address) {}

    UniqueFd socket_;
    SocketAddress address_;
    std::atomic<std::uint64_t> lost_{0};
    std::atomic<int> last_error_{0};
};

}  // namespace gunicorn::server
