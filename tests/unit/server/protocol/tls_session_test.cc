// What a session makes of a stream that encrypts.

#include <catch2/catch.hpp>
#include <string>

#include "support/session_world.h"
#include "support/wire_response.h"

namespace gunicorn::server {
namespace {

using namespace std::chrono_literals;
using test::Peer;
using test::SessionWorld;

const std::string kGet = "GET /first HTTP/1.1\r\nHost: a\r\n\r\n";

void make_secure(SessionWorld& world) {
    world.is_tls = true;
    world.may_name_client = true;
    world.application.answers = {{.pieces = {"hello"}, .known_length = 5}};
}

TEST_CASE("TLS begins with the connection, and what is known of it is there with the first request") {
    SessionWorld world;
    make_secure(world);
    Peer peer;
    world.connect(peer);
    REQUIRE(peer.early());
    CHECK(peer.early()->empty());
    peer.send(kGet);
    world.settle(peer);
    CHECK(world.session.scheme() == "https");
    REQUIRE(world.session.connection().tls.size() == 1);
    CHECK(world.session.connection().tls[0].name == "SSL_PROTOCOL");
}

TEST_CASE("TLS begins behind a PROXY header, with every byte that came behind it") {
    const std::string header = "PROXY TCP4 203.0.113.7 198.51.100.9 4711 443\r\n";
    for (const bool has_header : {true, false}) {
        const std::string bytes = (has_header ? header : "") + kGet;
        for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
            SessionWorld world({.proxy_mode = http::ProxyMode::any});
            make_secure(world);
            Peer peer;
            peer.send(bytes.substr(0, cut));
            world.connect(peer);
            world.settle(peer);
            peer.send(bytes.substr(cut));
            world.settle(peer);
            REQUIRE(peer.early());
            REQUIRE(world.application.submitted.size() == 1);
            CHECK(world.session.client().address == (has_header ? "203.0.113.7" : "192.0.2.1"));
        }
    }
}

TEST_CASE("plain HTTP where TLS was to begin gets a page and is no request") {
    SessionWorld world;
    make_secure(world);
    Peer peer;
    world.connect(peer);
    peer.break_tls(IoStatus::not_tls, "");
    world.settle(peer);
    CHECK(peer.received().starts_with("HTTP/1.1 400 Bad Request\r\n"));
    CHECK(peer.output_has_ended());
    CHECK(world.application.submitted.empty());
    CHECK(world.kept.lines.size() == 1);
}

TEST_CASE("a handshake that failed is one line, and its client gets the time to read why") {
    SessionWorld world;
    make_secure(world);
    Peer peer;
    world.connect(peer);
    peer.break_tls(IoStatus::tls_failed, "handshake failed: no shared cipher");
    world.settle(peer);
    CHECK(peer.received().empty());
    CHECK(peer.output_has_ended());
    CHECK_FALSE(peer.is_closed());
    CHECK(world.kept.lines ==
          std::vector<std::string>{"TLS connection from ip=192.0.2.1: handshake failed: no shared cipher"});
    peer.send("what was on its way");
    peer.end();
    world.settle(peer);
    CHECK(peer.is_closed());
    CHECK(peer.unread() == 0);
}

TEST_CASE("nothing is sent behind a broken record, not even the page of an error that waits for room") {
    SessionWorld world;
    make_secure(world);
    Peer peer;
    world.connect(peer);
    peer.set_room(10);
    peer.send("GET / HTTP/1.1\r\nHost: a b\r\n\r\n");
    world.settle(peer);
    REQUIRE(peer.received().size() == 10);
    peer.break_tls(IoStatus::tls_failed, "broke off: bad record");
    world.settle(peer);
    peer.add_room(10'000);
    world.settle(peer);
    CHECK(peer.is_closed());
    CHECK(peer.received().size() == 10);
}

TEST_CASE("a handshake has 30 seconds where header_timeout is off") {
    SessionWorld world({.client_limits = {.header = 0s}});
    make_secure(world);
    Peer peer;
    world.connect(peer);
    peer.shake_hands(true);
    world.let_pass(31s, peer);
    CHECK(peer.is_closed());
}

TEST_CASE("a record that is broken in the middle of a body ends the connection") {
    SessionWorld world;
    make_secure(world);
    Peer peer;
    world.connect(peer);
    peer.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nbegun");
    world.settle(peer);
    peer.break_tls(IoStatus::tls_failed, "broke off: bad record");
    world.settle(peer);
    CHECK(peer.is_closed());
    CHECK(world.application.submitted.empty());
    CHECK(world.kept.lines.size() == 1);
}

TEST_CASE("a handshake has header_timeout, and ends without an answer") {
    SessionWorld world({.client_limits = {.header = 10s}});
    make_secure(world);
    Peer peer;
    world.connect(peer);
    CHECK(world.session.is_idle());
    peer.shake_hands(true);
    CHECK_FALSE(world.session.is_idle());
    CHECK_FALSE(world.session.give_way());
    world.session.hasten(world.clock);  // the worker stops: who is in the middle of a handshake has a request to send
    world.let_pass(9s, peer);
    CHECK(world.session.is_open());
    world.let_pass(2s, peer);
    CHECK(peer.is_closed());
    CHECK(peer.received().empty());
    CHECK(world.kept.lines.size() == 1);
}

TEST_CASE("a connection whose handshake ended while the worker stops has the time of an idle one") {
    SessionWorld world;
    make_secure(world);
    Peer peer;
    world.connect(peer);
    peer.shake_hands(true);
    world.session.hasten(world.clock + 1s);
    peer.shake_hands(false);
    world.session.hasten(world.clock + 1s);
    world.let_pass(2s, peer);
    CHECK(peer.is_closed());
    CHECK(world.kept.lines.empty());
}

}  // namespace
}  // namespace gunicorn::server
