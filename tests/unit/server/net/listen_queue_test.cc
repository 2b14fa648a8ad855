#include "server/net/listen_queue.h"

#include <sys/socket.h>

#include <cerrno>

#include <catch2/catch.hpp>

#include "base/unique_fd.h"
#include "server/net/listener.h"
#include "unit/server/temp_dir.h"

namespace gunicorn::server {
namespace {

/// Begins to connect; `outcome` is what connect() said.
struct Client {
    explicit Client(const Address& address) {
        const auto where = resolve(address);
        REQUIRE(where);
        fd = UniqueFd(::socket(where->family(), SOCK_STREAM | SOCK_NONBLOCK, 0));
        outcome = ::connect(fd.get(), where->get(), where->length) == 0 ? 0 : errno;
    }
    /// Whether the handshake is over.
    [[nodiscard]] bool is_connected() const {
        sockaddr_storage peer{};
        socklen_t length = sizeof peer;
        return ::getpeername(fd.get(), reinterpret_cast<sockaddr*>(&peer), &length) == 0;
    }
    UniqueFd fd;
    int outcome = 0;
};

int accept_error(const Listener& listener) {
    const UniqueFd accepted(::accept(listener.fd(), nullptr, nullptr));
    return accepted ? 0 : errno;
}

TEST_CASE("a TCP queue that newcomers are kept out of keeps those who wait in it, and speaks with them") {
    auto listener = Listener::open(Address::tcp("127.0.0.1", 0));
    REQUIRE(listener);
    const Client first(listener->local());
    const Client second(listener->local());
    REQUIRE(second.is_connected());
    keep_newcomers_out(listener->fd(), AF_INET);
    const Client newcomer(listener->local());
    CHECK(newcomer.outcome == EINPROGRESS);
    CHECK_FALSE(newcomer.is_connected());

    const UniqueFd accepted(::accept(listener->fd(), nullptr, nullptr));
    REQUIRE(accepted);
    char byte = 'x';
    CHECK(::send(first.fd.get(), &byte, 1, 0) == 1);
    CHECK(::recv(accepted.get(), &byte, 1, 0) == 1);
    CHECK(accept_error(*listener) == 0);
    CHECK(accept_error(*listener) == EAGAIN);
}

TEST_CASE("who is in the middle of his handshake when newcomers are kept out can still be accepted") {
    auto listener = Listener::open(Address::tcp("127.0.0.1", 0));
    REQUIRE(listener);
    defer_accept(listener->fd(), true);
    const Client silent(listener->local());
    REQUIRE(accept_error(*listener) == EAGAIN);
    keep_newcomers_out(listener->fd(), AF_INET);
    defer_accept(listener->fd(), false);
    CHECK(::send(silent.fd.get(), "x", 1, 0) == 1);
    CHECK(accept_error(*listener) == 0);
}

TEST_CASE("a queue of a unix socket that newcomers are kept out of refuses them and keeps the others") {
    const testing::TempDir folder;
    auto listener = Listener::open(Address::unix_socket(folder.path() + "/s"));
    REQUIRE(listener);
    const Client first(listener->local());
    keep_newcomers_out(listener->fd(), AF_UNIX);
    CHECK(Client(listener->local()).outcome == ECONNREFUSED);
    CHECK(accept_error(*listener) == 0);
    CHECK(accept_error(*listener) == EAGAIN);
}

TEST_CASE("connections that nobody has accepted are counted, on TCP and on unix sockets") {
    const testing::TempDir folder;
    for (const Address& address : {Address::tcp("127.0.0.1", 0), Address::unix_socket(folder.path() + "/s")}) {
        auto listener = Listener::open(address);
        REQUIRE(listener);
        const auto queued = [&] { return queued_connections(listener->fd(), listener->family()); };
        CHECK(queued() == 0);
        const Client first(listener->local());
        const Client second(listener->local());
        CHECK(queued() == 2);
        CHECK(accept_error(*listener) == 0);
        CHECK(queued() == 1);
    }
    ListenerOptions sharing;
    sharing.reuse_port = true;
    auto reserved = Listener::reserve(Address::tcp("127.0.0.1", 0), sharing);
    REQUIRE(reserved);
    CHECK_FALSE(queued_connections(reserved->fd(), reserved->family()));
}

}  // namespace
}  // namespace gunicorn::server
