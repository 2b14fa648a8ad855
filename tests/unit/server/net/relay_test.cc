#include "server/net/relay.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <string>

namespace gunicorn::test {
namespace {

/// A connection with its client, and what the relay gives to the application. Reads end after a deadline.
struct Relayed {
    UniqueFd client;
    UniqueFd application;
};

Relayed relayed(const std::string& early, std::chrono::milliseconds patience = std::chrono::minutes(5)) {
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    auto application = server::start_relay(UniqueFd(ends[1]), early, patience);
    REQUIRE(application);
    return {UniqueFd(ends[0]), *std::move(application)};
}

/// Up to `count` bytes; fewer when the other side ends.
std::string read_from(const UniqueFd& fd, std::size_t count) {
    std::string bytes;
    while (bytes.size() < count) {
        pollfd wait{fd.get(), POLLIN, 0};
        REQUIRE(::poll(&wait, 1, 30'000) == 1);
        char buffer[65536];
        const ssize_t got = ::recv(fd.get(), buffer, std::min(sizeof buffer, count - bytes.size()), 0);
        if (got <= 0) break;
        bytes.append(buffer, static_cast<std::size_t>(got));
    }
    return bytes;
}

void write_to(const UniqueFd& fd, std::string_view bytes) {
    REQUIRE(::send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()));
}

constexpr std::size_t kEnd = 1;  // one byte more than is expected: the end

}  // namespace

TEST_CASE("a relay gives what came early first, then what comes") {
    const Relayed sides = relayed("early ");
    write_to(sides.client, "and late");
    CHECK(read_from(sides.application, 14) == "early and late");
}

TEST_CASE("a relay gives the client what the application writes, whole, also when it closes at once") {
    // More early bytes than the application's end takes: they are still under way when it is gone.
    Relayed sides = relayed(std::string(10U << 20U, 'e'));
    write_to(sides.application, std::string(100'000, 'x'));
    sides.application.reset();
    CHECK(read_from(sides.client, 100'000 + kEnd) == std::string(100'000, 'x'));
}

TEST_CASE("a relay passes on that the client has ended its side, and still what is answered") {
    const Relayed sides = relayed("early");
    ::shutdown(sides.client.get(), SHUT_WR);
    CHECK(read_from(sides.application, 5 + kEnd) == "early");
    write_to(sides.application, "answer");
    ::shutdown(sides.application.get(), SHUT_WR);
    CHECK(read_from(sides.client, 6 + kEnd) == "answer");
}

TEST_CASE("a relay ends when the application closes, though the client says nothing") {
    Relayed sides = relayed("");
    sides.application.reset();
    CHECK(read_from(sides.client, kEnd).empty());
}

TEST_CASE("a relay does not wait for ever for a client that reads nothing of what a closed application left") {
    Relayed sides = relayed("", std::chrono::milliseconds(10));
    const std::string piece(65536, 'x');
    // Until the connection, the relay and the application's end are full.
    for (pollfd room{sides.application.get(), POLLOUT, 0}; ::poll(&room, 1, 300) == 1;) {
        static_cast<void>(::send(sides.application.get(), piece.data(), piece.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
    }
    sides.application.reset();
    pollfd end{sides.client.get(), POLLRDHUP, 0};
    CHECK(::poll(&end, 1, 30'000) == 1);
}

TEST_CASE("a relay ends when the client is gone") {
    Relayed sides = relayed("early");
    sides.client.reset();
    CHECK(read_from(sides.application, 5 + kEnd) == "early");
}

}  // namespace gunicorn::test
