// What counting a request costs: always for the status listener, and with statsd_host. Without the system calls of
// datagrams, and with them, to a socket of this host that is not read: what its buffer cannot hold the kernel drops.

#define CATCH_CONFIG_MAIN
#define CATCH_CONFIG_ENABLE_BENCHMARKING
#include <catch2/catch.hpp>

#include <sys/socket.h>

#include <memory>

#include "base/unique_fd.h"
#include "server/statsd/request_metrics.h"
#include "server/statsd/statsd_socket.h"
#include "server/worker/request_counters.h"

namespace gunicorn::server {
namespace {

constexpr int kRequests = 1000;  // of each run: a figure of one alone would be that of the clock

struct NoSink final : DatagramSink {
    std::size_t bytes = 0;
    void send(std::string_view datagram) noexcept override { bytes += datagram.size(); }
};

/// Times and statuses as of a small site: mostly 200, some hundred microseconds.
Duration duration_of(int request) { return std::chrono::microseconds(150 + request * 37 % 2000); }
int status_of(int request) { return request % 10 == 0 ? 304 : 200; }

TEST_CASE("metrics of 1000 requests") {
    const auto counters = std::make_unique<RequestCounters>();
    BENCHMARK("RequestCounters") {
        for (int i = 0; i < kRequests; ++i) counters->record(status_of(i), duration_of(i), 1000);
        return counters.get();
    };

    const StatsdFormat format("shop", "");
    NoSink none;
    RequestMetrics lines(format, none, 1432);
    BENCHMARK("statsd, lines alone") {
        for (int i = 0; i < kRequests; ++i) lines.record(status_of(i), duration_of(i));
        return none.bytes;
    };

    const UniqueFd daemon(::socket(AF_INET, SOCK_DGRAM, 0));
    SocketAddress local = *resolve(Address::tcp("127.0.0.1", 0));
    REQUIRE(::bind(daemon.get(), local.get(), local.length) == 0);
    REQUIRE(::getsockname(daemon.get(), local.get(), &local.length) == 0);
    auto socket = StatsdSocket::open(address_of(local));
    REQUIRE(socket);
    RequestMetrics sent(format, *socket, socket->most_bytes());
    BENCHMARK("statsd over UDP") {
        for (int i = 0; i < kRequests; ++i) sent.record(status_of(i), duration_of(i));
        return socket->lost();
    };
}

}  // namespace
}  // namespace gunicorn::server
