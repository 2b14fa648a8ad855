#include "server/net/tls_connection.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <openssl/err.h>

#include <catch2/catch.hpp>
#include <string>

#include "server/net/ticket_keys.h"
#include "support/tls_party.h"
#include "unit/server/temp_dir.h"

namespace gunicorn::server {
namespace {

using testing::Party;
using testing::TempDir;

/// A connection and its client, both non-blocking; between them is as little room as the kernel gives.
class Pair {
public:
    Pair() {
        const Party party("localhost");
        testing::write_text(files_.path("all.pem"), party.pem() + testing::pem_of(party.key));
        auto context = TlsContext::create({.certificate_file = files_.path("all.pem")}, tickets_);
        REQUIRE(context);
        context_ = *std::move(context);
        int ends[2];
        REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0);
        ours_.reset(ends[0]);
        theirs_.reset(ends[1]);
        const int least = 1;
        ::setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &least, sizeof least);
        server.emplace(*context_, ends[0], "");
        client_context_.reset(::SSL_CTX_new(::TLS_client_method()));
        client.reset(::SSL_new(client_context_.get()));
        ::SSL_set_fd(client.get(), ends[1]);
        ::SSL_set_connect_state(client.get());
    }

    void shake_hands() {
        char byte = 0;
        for (int i = 0; i < 1000 && ::SSL_is_init_finished(client.get()) != 1; ++i) {
            ::SSL_do_handshake(client.get());
            CHECK(server->read(&byte, 1).status == IoStatus::would_block);
        }
        REQUIRE(server->read(&byte, 1).status == IoStatus::would_block);
        CHECK_FALSE(server->is_shaking_hands());
    }

    /// What the client can read now.
    std::string client_reads() {
        std::string all;
        char buffer[4096];
        std::size_t count = 0;
        while (::SSL_read_ex(client.get(), buffer, sizeof buffer, &count) == 1) all.append(buffer, count);
        last_error = ::SSL_get_error(client.get(), 0);
        ::ERR_clear_error();
        return all;
    }
    /// Without a goodbye; what the client answers is lost, and no signal to this process.
    void cut() { ::shutdown(ours_.get(), SHUT_WR); }

    std::optional<TlsConnection> server;
    SslHandle client;
    int last_error = 0;

private:
    TempDir files_;
    TicketKeys tickets_ = *TicketKeys::create();
    std::unique_ptr<TlsContext> context_;
    UniqueFd ours_;
    UniqueFd theirs_;
    SslContextHandle client_context_;
};

std::string numbered(std::size_t size) {
    std::string text;
    for (int i = 0; text.size() < size; ++i) text += std::to_string(i) + ",";
    text.resize(size);
    return text;
}

TEST_CASE("what is written again after it had no room arrives once, with what came behind it") {
    Pair pair;
    pair.shake_hands();
    const std::string all = numbered(200'000);
    std::size_t sent = 0;
    std::size_t offered = 100;  // grows between two attempts, as an output queue does
    int blocked = 0;
    std::string received;
    while (sent < all.size()) {
        const IoResult result = pair.server->write(std::string_view(all).substr(sent, offered), MoreFollow::no);
        if (result.status == IoStatus::ok) {
            sent += result.count;
        } else {
            REQUIRE(result.status == IoStatus::would_block);
            ++blocked;
            received += pair.client_reads();
        }
        offered += 777;
    }
    received += pair.client_reads();
    CHECK(blocked > 3);
    CHECK(received == all);
}

TEST_CASE("a connection ends with close_notify, but not in the middle of a record") {
    Pair pair;
    pair.shake_hands();
    SECTION("all was sent") {
        REQUIRE(pair.server->write("hello", MoreFollow::no).count == 5);
        pair.server->end();
        CHECK(pair.client_reads() == "hello");
        CHECK(pair.last_error == SSL_ERROR_ZERO_RETURN);
    }
    SECTION("a record has no room") {
        const std::string piece(16384, 'x');
        while (pair.server->write(piece, MoreFollow::no).status == IoStatus::ok) {
        }
        static_cast<void>(pair.client_reads());
        pair.server->end();
        pair.cut();
        static_cast<void>(pair.client_reads());
        CHECK(pair.last_error == SSL_ERROR_SSL);
    }
}

TEST_CASE("a goodbye that has no room is said again") {
    int full = 0;  // as many records as there is room for
    for (Pair pair; full < 10'000; ++full) {
        if (full == 0) pair.shake_hands();
        if (pair.server->write("x", MoreFollow::no).status != IoStatus::ok) break;
    }
    Pair pair;
    pair.shake_hands();
    for (int i = 0; i < full; ++i) REQUIRE(pair.server->write("x", MoreFollow::no).status == IoStatus::ok);
    CHECK(pair.server->end() == IoStatus::would_block);
    CHECK(pair.client_reads() == std::string(static_cast<std::size_t>(full), 'x'));
    CHECK(pair.server->end() == IoStatus::ok);
    CHECK(pair.client_reads().empty());
    CHECK(pair.last_error == SSL_ERROR_ZERO_RETURN);
}

TEST_CASE("a peer that only changes its keys is cut") {
    Pair pair;
    pair.shake_hands();
    char byte = 0;
    IoResult result{IoStatus::would_block, 0};
    int changes = 0;
    for (; changes < 1000 && result.status == IoStatus::would_block; ++changes) {
        REQUIRE(::SSL_key_update(pair.client.get(), SSL_KEY_UPDATE_NOT_REQUESTED) == 1);
        REQUIRE(::SSL_do_handshake(pair.client.get()) == 1);
        result = pair.server->read(&byte, 1);
    }
    CHECK(result.status == IoStatus::tls_failed);
    CHECK(changes > 10);
    CHECK(pair.server->failure() == SecureConnection::kTooSilent);
}

TEST_CASE("bytes that somebody else has read come before those of the socket") {
    Pair pair;
    pair.shake_hands();
    REQUIRE(::SSL_write(pair.client.get(), "first", 5) == 5);
    char wire[200];
    const ssize_t got = ::recv(pair.server->socket(), wire, 10, 0);
    REQUIRE(got == 10);  // half of a record
    pair.server->take({wire, 10});
    CHECK(pair.server->has_buffered());
    REQUIRE(::SSL_write(pair.client.get(), "second", 6) == 6);
    std::string all;
    char buffer[100];
    for (IoResult result; (result = pair.server->read(buffer, sizeof buffer)).status == IoStatus::ok;) {
        all.append(buffer, result.count);
    }
    CHECK(all == "firstsecond");
}

TEST_CASE("the first byte tells a request of plain HTTP from a handshake") {
    Pair pair;
    pair.server->take("GET / HTTP/1.1\r\n\r\n");
    char byte = 0;
    CHECK(pair.server->read(&byte, 1).status == IoStatus::not_tls);
    CHECK(pair.server->failure().empty());
    CHECK(::recv(::SSL_get_fd(pair.client.get()), &byte, 1, MSG_DONTWAIT) == -1);  // no alert before the answer
}

TEST_CASE("what is no handshake fails, and says so in one line") {
    Pair pair;
    pair.server->take(std::string_view("\x16\x03\x01\xff\xff\x01", 6));
    char byte = 0;
    CHECK(pair.server->read(&byte, 1).status == IoStatus::tls_failed);
    CHECK(pair.server->failure() == "handshake failed: packet length too long");
    CHECK(pair.server->read(&byte, 1).status == IoStatus::closed);
    CHECK(pair.server->write("x", MoreFollow::no).status == IoStatus::closed);
}

}  // namespace
}  // namespace gunicorn::server
