#include "server/status/status_server.h"

#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <array>
#include <cerrno>
#include <string>
#include <vector>

#include "server/net/listener.h"

namespace gunicorn::server {
namespace {

using namespace std::chrono_literals;

/// The server with its poll loop, and clients in the same thread.
class World {
public:
    UniqueFd connect() {
        const auto where = resolve(listener_.local());
        UniqueFd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        REQUIRE(::connect(client.get(), where->get(), where->length) == 0);
        return client;
    }
    /// One turn of the master's loop.
    void turn(Duration later = 0s) {
        now_ += later;
        std::vector<pollfd> polls;
        const std::array fds{listener_.fd()};
        server_.add_polls(fds, now_, polls);
        REQUIRE(::poll(polls.data(), polls.size(), 20) >= 0);
        server_.serve(polls, now_);
    }
    /// Everything until the server ends the connection.
    std::string read_all(const UniqueFd& client) {
        std::string all;
        std::array<char, 4096> buffer;
        for (int i = 0; i < 1000; ++i) {
            const ssize_t size = ::recv(client.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
            if (size == 0) return all;
            if (size > 0) {
                all.append(buffer.data(), static_cast<std::size_t>(size));
            } else {
                if (errno == ECONNRESET) return all + "<reset>";
                turn();
            }
        }
        return all + "<still open>";
    }
    std::string ask(const std::string& request) {
        const UniqueFd client = connect();
        REQUIRE(::send(client.get(), request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size()));
        return read_all(client);
    }

private:
    Listener listener_ = *Listener::open(Address::tcp("127.0.0.1", 0));
    StatusServer server_{[](std::string_view path) {
        return status_answer(path, [] {
            ServerStatus status;
            status.unready = "no worker is ready";
            return status;
        });
    }};
    TimePoint now_ = Clock::now();
};

bool begins(const std::string& text, const std::string& beginning) { return text.starts_with(beginning); }

TEST_CASE("the endpoints answer, and each response ends its connection") {
    World world;
    const std::string alive = world.ask("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(begins(alive, "HTTP/1.1 200 OK\r\n"));
    CHECK(alive.find("\r\nConnection: close\r\n") != std::string::npos);
    CHECK(alive.ends_with("\r\n\r\nok\n"));
    const std::string unready = world.ask("GET /readyz?x HTTP/1.0\r\n\r\n");
    CHECK(begins(unready, "HTTP/1.0 503 Service Unavailable\r\n"));
    CHECK(unready.ends_with("no worker is ready\n"));
    CHECK(world.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n").find("<!DOCTYPE html>") != std::string::npos);
    CHECK(begins(world.ask("GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n"), "HTTP/1.1 404 "));
}

TEST_CASE("HEAD gets the head of the response alone, and other methods what is allowed") {
    World world;
    const std::string head = world.ask("HEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(head.find("Content-Length: 3\r\n") != std::string::npos);
    CHECK(head.ends_with("\r\n\r\n"));
    const std::string post = world.ask("POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
    CHECK(begins(post, "HTTP/1.1 405 "));
    CHECK(post.find("\r\nAllow: GET, HEAD\r\n") != std::string::npos);
}

TEST_CASE("what is no HTTP, or too much, is refused with an answer that arrives") {
    World world;
    CHECK(begins(world.ask("\x16\x03\x01 garbage\r\n\r\n"), "HTTP/1.1 400 "));
    CHECK(begins(world.ask("GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(30'000, 'a')), "HTTP/1.1 431 "));
    CHECK(begins(world.ask("GET /" + std::string(30'000, 'a')), "HTTP/1.1 414 "));
}

TEST_CASE("who sends nothing, or half a head, is closed when its time is over") {
    World world;
    const UniqueFd silent = world.connect();
    const UniqueFd slow = world.connect();
    REQUIRE(::send(slow.get(), "GET / HT", 8, MSG_NOSIGNAL) == 8);
    world.turn();
    world.turn(StatusConnection::kPatience);
    CHECK(world.read_all(silent).empty());
    CHECK(world.read_all(slow).empty());
}

TEST_CASE("any number of silent connections leave room for one that asks") {
    World world;
    std::vector<UniqueFd> silent;
    for (int i = 0; i < 100; ++i) {
        silent.push_back(world.connect());
        world.turn();
    }
    CHECK(begins(world.ask("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"), "HTTP/1.1 200 "));
    CHECK(world.read_all(silent.front()).empty());
}

TEST_CASE("a client that does not read its response costs nobody else theirs") {
    World world;
    const UniqueFd lazy = world.connect();
    const std::string request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    REQUIRE(::send(lazy.get(), request.data(), request.size(), MSG_NOSIGNAL) > 0);
    CHECK(begins(world.ask("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"), "HTTP/1.1 200 "));
}

}  // namespace
}  // namespace gunicorn::server
