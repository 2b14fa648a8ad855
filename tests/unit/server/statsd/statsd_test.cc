// statsd_socket and statsd against real sockets.

#include "server/statsd/statsd.h"

#include <sys/socket.h>

#include <cerrno>

#include <catch2/catch.hpp>

#include "unit/server/temp_dir.h"

namespace gunicorn::server {
namespace {

using gateway::LogLevel;
using testing::TempDir;

/// A daemon that reads when it is asked to.
struct Daemon {
    UniqueFd socket;

    explicit Daemon(const Address& address) {
        const auto where = resolve(address);
        REQUIRE(where);
        socket = UniqueFd(::socket(where->family(), SOCK_DGRAM | SOCK_NONBLOCK, 0));
        REQUIRE(::bind(socket.get(), where->get(), where->length) == 0);
    }
    [[nodiscard]] std::uint16_t port() const {
        SocketAddress local;
        local.length = sizeof local.storage;
        REQUIRE(::getsockname(socket.get(), local.get(), &local.length) == 0);
        return address_of(local).port;
    }
    /// Empty when there is none: a datagram on this host is there when it has been sent.
    [[nodiscard]] std::string take() const {
        std::string bytes(65536, '\0');
        const auto got = ::recv(socket.get(), bytes.data(), bytes.size(), 0);
        bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        return bytes;
    }
};

struct NoLog final : gateway::LogSink {
    void write(LogLevel, std::string_view) override {}
    [[nodiscard]] bool is_enabled(LogLevel) const override { return false; }
    void reopen() override {}
};

std::unique_ptr<Statsd> open(const std::string& host, MetricsOfRequests requests = MetricsOfRequests::native) {
    config::Settings settings;
    settings.statsd_host = host;
    settings.statsd_prefix = "p";
    settings.dogstatsd_tags = "a:b";
    auto opened = Statsd::open(settings, requests);
    REQUIRE(opened);
    return *std::move(opened);
}

TEST_CASE("what statsd_host says is an address; unix:8125 is a host") {
    CHECK(statsd_address("localhost:8125") == Address::tcp("localhost", 8125));
    CHECK(statsd_address("[::1]:1") == Address::tcp("::1", 1));
    CHECK(statsd_address("unix:8125") == Address::tcp("unix", 8125));
    CHECK(statsd_address(":8125") == Address::tcp("0.0.0.0", 8125));
    CHECK(statsd_address("unix:///run/statsd.sock") == Address::unix_socket("/run/statsd.sock"));
    CHECK(statsd_address("unix://statsd.sock").path.ends_with("/statsd.sock"));
    CHECK(statsd_address("unix://statsd.sock").path.starts_with("/"));
}

TEST_CASE("metrics arrive over IPv4, IPv6 and a unix socket") {
    const TempDir dir;
    const std::string path = dir.path() + "/statsd.sock";
    for (const Address& address : {Address::tcp("127.0.0.1", 0), Address::tcp("::1", 0), Address::unix_socket(path)}) {
        const Daemon daemon(address);
        const bool is_path = address.kind == AddressKind::unix_socket;
        const auto statsd = open(is_path             ? "unix://" + path
                                 : address.is_ipv6() ? "[::1]:" + std::to_string(daemon.port())
                                                     : "127.0.0.1:" + std::to_string(daemon.port()));
        statsd->send("gunicorn.workers", 3, MetricType::gauge);
        CHECK(daemon.take() == "p.gunicorn.workers:3|g|#a:b");
        statsd->requests()->record(200, Duration(0));
        statsd->requests()->flush();
        CHECK(daemon.take().starts_with("p.gunicorn.request.duration:0.0|ms|#a:b\n"));
        CHECK(statsd->describe_losses().empty());
    }
}

TEST_CASE("nobody there is no error, and who comes later is served") {
    const TempDir dir;
    const std::string path = dir.path() + "/statsd.sock";
    const auto statsd = open("unix://" + path);
    statsd->send("early", 1, MetricType::counter);
    CHECK(statsd->describe_losses().find("not sent: 1 (") != std::string::npos);
    for (int i = 0; i < 2; ++i) {  // and who starts again
        std::filesystem::remove(path);
        const Daemon daemon(Address::unix_socket(path));
        statsd->send("late", 1, MetricType::counter);
        CHECK(daemon.take() == "p.late:1|c|#a:b");
    }

    std::uint16_t port = 0;
    {
        const Daemon gone(Address::tcp("127.0.0.1", 0));
        port = gone.port();
    }
    const auto over_udp = open("127.0.0.1:" + std::to_string(port));
    for (int i = 0; i < 3; ++i) over_udp->send("nobody", 1, MetricType::counter);
    const Daemon daemon(Address::tcp("127.0.0.1", port));
    over_udp->send("somebody", 1, MetricType::counter);
    CHECK(daemon.take() == "p.somebody:1|c|#a:b");
}

TEST_CASE("a daemon that does not read costs datagrams, which are counted, and no time") {
    const TempDir dir;
    const std::string path = dir.path() + "/statsd.sock";
    const Daemon daemon(Address::unix_socket(path));
    auto socket = StatsdSocket::open(Address::unix_socket(path));
    REQUIRE(socket);
    const std::string datagram(8000, 'x');
    for (int i = 0; i < 2000 && socket->lost() == 0; ++i) socket->send(datagram);
    CHECK(socket->lost() == 1);
    CHECK(socket->last_error() == EAGAIN);
    CHECK(daemon.take() == datagram);
    const std::uint64_t before = socket->lost();
    socket->send(datagram);
    CHECK(socket->lost() == before);
}

TEST_CASE("a host without an address has no metrics") {
    config::Settings settings;
    settings.statsd_host = "no-such-host.invalid:8125";
    CHECK_FALSE(Statsd::open(settings, MetricsOfRequests::native));
    settings.statsd_host = "unix://" + std::string(200, 'x');
    CHECK_FALSE(Statsd::open(settings, MetricsOfRequests::native));
}

TEST_CASE("requests are the logger's where that is a Statsd of the user") {
    CHECK(open("127.0.0.1:1", MetricsOfRequests::by_logger)->requests() == nullptr);
}

TEST_CASE("lines of the log count by level, an error with a traceback as an exception") {
    const Daemon daemon(Address::tcp("127.0.0.1", 0));
    const auto statsd = open("127.0.0.1:" + std::to_string(daemon.port()));
    CountedLog log(std::make_unique<NoLog>(), *statsd);
    log.debug("a");
    log.info("a");
    CHECK(daemon.take().empty());
    log.warning("a");
    CHECK(daemon.take() == "p.gunicorn.log.warning:1|c|#a:b");
    log.error("Traceback");
    CHECK(daemon.take() == "p.gunicorn.log.error:1|c|#a:b");
    log.critical("a");
    CHECK(daemon.take() == "p.gunicorn.log.critical:1|c|#a:b");
    log.error("Error handling request /\nTraceback (most recent call last):\n  File ...");
    CHECK(daemon.take() == "p.gunicorn.log.exception:1|c|#a:b");
}

}  // namespace
}  // namespace gunicorn::server
