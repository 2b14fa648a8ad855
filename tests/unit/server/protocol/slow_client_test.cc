// What a connection may take its time for, by a clock of the test.

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>
#include <string>

#include "support/session_world.h"
#include "support/temp_dir.h"
#include "support/wire_response.h"

namespace gunicorn::server {
namespace {

using namespace std::chrono_literals;
using test::Peer;
using test::SessionWorld;
using test::Way;

const std::string kHead = "GET /first HTTP/1.1\r\nHost: a\r\n\r\n";
const std::string kPost = "POST / HTTP/1.1\r\nContent-Length: 100000\r\n\r\n";

ProtocolOptions limited(ClientLimits limits, http::ProxyMode proxy_mode = http::ProxyMode::off) {
    ProtocolOptions options;
    options.proxy_mode = proxy_mode;
    options.client_limits = limits;
    return options;
}

/// A client that sends a byte a second, for so many seconds; fewer when it was answered or cut before.
int seconds_until_cut(SessionWorld& world, Peer& peer, std::string_view byte, int most) {
    for (int second = 0; second < most; ++second) {
        if (!peer.received().empty() || peer.is_closed()) return second;
        peer.send(byte);
        world.settle(peer);
        world.let_pass(1s, peer);
    }
    return most;
}

/// Both ways of answering, with a response that is larger than the peer has room for.
struct LargeAnswer {
    SessionWorld world;
    Peer peer;

    LargeAnswer(Way way, std::chrono::seconds send_timeout) : world(limited({.send = send_timeout})) {
        world.application.answers = {{.pieces = {std::string(10'000, 'x'), std::string(10'000, 'y')}, .way = way}};
        peer.set_room(500);
        peer.send(kHead);
        world.connect(peer);
        world.settle(peer);
    }
};

TEST_CASE("a head that trickles in has header_timeout from its first byte") {
    SessionWorld world(limited({.header = 10s}));
    Peer peer;
    peer.send("GET / HTTP/1.1\r\nX: ");
    world.connect(peer);
    CHECK(seconds_until_cut(world, peer, "x", 100) == 10);
    CHECK(peer.received().starts_with("HTTP/1.1 408 "));
    CHECK(world.application.submitted.empty());
}

TEST_CASE("a new connection has header_timeout for its first byte, and then for its head") {
    SessionWorld world(limited({.header = 10s}));
    Peer silent;
    world.connect(silent);
    world.let_pass(9s, silent);
    CHECK(world.session.is_open());
    world.let_pass(1s, silent);
    world.settle(silent);
    CHECK_FALSE(world.session.is_open());
    CHECK(silent.received().empty());

    Peer late;
    world.connect(late);
    world.let_pass(9s, late);
    late.send(kHead.substr(0, 5));
    world.settle(late);
    world.let_pass(9s, late);
    late.send(kHead.substr(5));
    world.settle(late);
    CHECK(world.application.submitted.size() == 1);
}

TEST_CASE("empty lines before a request give a client no time") {
    SessionWorld world(limited({.header = 10s}));
    Peer peer;
    world.connect(peer);
    world.let_pass(9s, peer);
    peer.send("\r\n");
    world.settle(peer);
    CHECK(world.session.is_open());
    world.let_pass(1s, peer);
    world.settle(peer);
    CHECK(peer.is_closed());
}

TEST_CASE("a PROXY header that stops in the middle closes its connection without a word") {
    SessionWorld world(limited({.header = 10s}, http::ProxyMode::any));
    world.may_name_client = true;
    Peer peer;
    peer.send("PROXY TCP4 192.0.2.");
    world.connect(peer);
    CHECK(seconds_until_cut(world, peer, "1", 100) <= 10);
    CHECK(peer.is_closed());
    CHECK(peer.received().empty());
}

TEST_CASE("a kept connection has keepalive for the next request, which has header_timeout") {
    SessionWorld world(limited({.header = 10s}));
    Peer peer;
    peer.send(kHead);
    world.connect(peer);
    world.settle(peer);
    world.let_pass(1s, peer);
    peer.send(kHead.substr(0, 3));
    world.settle(peer);
    world.let_pass(9s, peer);
    peer.send(kHead.substr(3));
    world.settle(peer);
    CHECK(world.application.submitted.size() == 2);
    world.let_pass(2s, peer);  // SessionWorld::idle_time()
    world.settle(peer);
    CHECK(peer.is_closed());
    CHECK(peer.received().find("408") == std::string::npos);
}

TEST_CASE("a body that stops is refused after body_timeout, which begins anew with each piece") {
    SessionWorld world(limited({.body = 10s, .body_min_rate = 0}));
    Peer peer;
    peer.send(kPost);
    world.connect(peer);
    CHECK(seconds_until_cut(world, peer, "x", 100) == 100);
    world.let_pass(8s, peer);  // and one since the last piece
    CHECK(peer.received().empty());
    world.let_pass(1s, peer);
    CHECK(peer.received().starts_with("HTTP/1.1 408 "));
    CHECK(world.application.submitted.empty());
}

TEST_CASE("a body that comes slower than body_min_rate is refused when its time is used up") {
    SessionWorld world(limited({.body = 10s, .body_min_rate = 2}));
    Peer peer;
    peer.send(kPost);
    world.connect(peer);
    CHECK(seconds_until_cut(world, peer, "x", 100) == 19);  // 10, and 9 for the first 18 bytes
    CHECK(peer.received().starts_with("HTTP/1.1 408 "));
}

TEST_CASE("a body that keeps to body_min_rate may take long, also in chunks and behind 100 Continue") {
    SessionWorld world(limited({.body = 10s, .body_min_rate = 2}));
    Peer peer;
    peer.set_room(0);
    peer.send("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n");
    world.connect(peer);
    world.let_pass(5s, peer);
    peer.set_room(Peer::kUnlimited);
    world.settle(peer);
    REQUIRE(peer.received() == http::kContinueResponse);
    for (int second = 0; second < 1000; second += 2) {
        peer.send("4\r\nabcd\r\n");
        world.settle(peer);
        world.let_pass(2s, peer);
    }
    peer.send("0\r\n\r\n");
    world.settle(peer);
    REQUIRE(world.application.submitted.size() == 1);
    CHECK(world.application.submitted[0].body.size() == 2000);
}

TEST_CASE("body_min_rate counts without body_timeout, after half a minute") {
    SessionWorld world(limited({.body = 0s, .body_min_rate = 1000}));
    Peer peer;
    peer.send(kPost);
    world.connect(peer);
    world.let_pass(29s, peer);
    CHECK(peer.received().empty());
    world.let_pass(1s, peer);
    CHECK(peer.received().starts_with("HTTP/1.1 408 "));
}

TEST_CASE("a client that reads nothing is given up after send_timeout") {
    for (const Way way : {Way::pulled, Way::posted}) {
        LargeAnswer slow(way, 10s);
        slow.world.let_pass(9s, slow.peer);
        CHECK(slow.world.session.is_open());
        slow.world.let_pass(1s, slow.peer);
        slow.world.settle(slow.peer);
        CHECK(slow.peer.is_closed());
        CHECK(slow.peer.received().size() == 500);
        CHECK(slow.world.responses == 1);
    }
}

TEST_CASE("a client whose system takes a byte now and then is not given up, although there is no room") {
    for (const Way way : {Way::pulled, Way::posted}) {
        LargeAnswer slow(way, 10s);
        for (int i = 0; i < 400; ++i) {
            slow.peer.acknowledge(1);
            slow.world.let_pass(9s, slow.peer);
            slow.world.settle(slow.peer);
        }
        CHECK(slow.world.session.is_open());
        slow.world.let_pass(10s, slow.peer);
        slow.world.let_pass(10s, slow.peer);
        slow.world.settle(slow.peer);
        CHECK(slow.peer.is_closed());
    }
}

TEST_CASE("a client that makes room has send_timeout again, and the answer is whole in the end") {
    for (const Way way : {Way::pulled, Way::posted}) {
        LargeAnswer slow(way, 10s);
        for (int i = 0; i < 30; ++i) {
            slow.world.let_pass(9s, slow.peer);
            slow.peer.add_room(1000);
            slow.world.settle(slow.peer);
        }
        std::string_view wire = slow.peer.received();
        const auto response = test::take_response(wire, false);
        REQUIRE(response);
        CHECK(response->is_complete);
        CHECK(response->body.size() == 20'000);
    }
}

TEST_CASE("what the application adds gives a client that reads nothing no time") {
    SessionWorld world(limited({.send = 10s}));
    world.application.answers = {{.pieces = std::vector<std::string>(20, "piece"), .way = Way::posted}};
    Peer peer;
    peer.set_room(1);
    peer.send(kHead);
    world.connect(peer);
    int seconds = 0;
    for (; world.application.step() && !world.session.is_gone() && world.session.is_open(); ++seconds) {
        world.let_pass(1s, peer);
    }
    CHECK(seconds == 10);
    world.settle(peer);
    CHECK(peer.is_closed());
}

TEST_CASE("a write that waits for room ends after send_timeout") {
    SessionWorld world(limited({.send = 10s}));
    world.application.answers = {{.pieces = {std::string(2U << 20U, 'x'), "end"}, .written = 1}};
    Peer peer;
    peer.set_room(10);
    peer.on_wait = [&] { world.clock += 1s; };
    peer.send(kHead);
    world.connect(peer);
    world.settle(peer);
    CHECK(peer.waits() == 10);
    CHECK(peer.is_closed());
    CHECK(peer.received().size() == 10);
}

TEST_CASE("a write that waits for a client that reads slowly goes on") {
    SessionWorld world(limited({.send = 10s}));
    world.application.answers = {{.pieces = {std::string(2U << 20U, 'x'), "end"}, .written = 1}};
    Peer peer;
    peer.set_room(10);
    peer.on_wait = [&] {
        world.clock += 9s;
        peer.acknowledge(1);
        if (peer.waits() == 8) peer.set_room(Peer::kUnlimited);
    };
    peer.send(kHead);
    world.connect(peer);
    world.settle(peer);
    CHECK(peer.waits() == 8);
    world.let_pass(1s, peer);
    CHECK(world.session.is_idle());
}

TEST_CASE("nobody is cut for the time in which the worker was busy and did not read") {
    for (const std::string& begun : {std::string(), kHead.substr(0, 9), kPost.substr(0, 30)}) {
        SessionWorld world(limited({.header = 10s, .body = 10s}));
        Peer peer;
        peer.send(kHead);
        world.connect(peer);
        world.settle(peer);
        peer.send(begun);
        world.settle(peer);
        peer.send(begun.empty() ? kHead : begun[0] == 'G' ? kHead.substr(9) : kPost.substr(30) + std::string(100'000, 'x'));
        world.let_time_pass(peer);
        world.settle(peer);
        CHECK(world.application.submitted.size() == 2);
        world.let_time_pass(peer);
        world.settle(peer);
        CHECK(peer.is_closed());
    }
}

TEST_CASE("0 is any time, for each of the limits") {
    const auto unlimited = limited({.header = 0s, .body = 0s, .body_min_rate = 0, .send = 0s});
    for (const std::string& begun : {std::string(), kHead.substr(0, 9), kPost + "x"}) {
        SessionWorld world(unlimited);
        Peer peer;
        peer.send(begun);
        world.connect(peer);
        world.let_pass(1000h, peer);
        CHECK(world.session.is_open());
        CHECK(peer.received().empty());
    }
    for (const Way way : {Way::pulled, Way::posted}) {
        LargeAnswer slow(way, 0s);
        slow.world.let_pass(1000h, slow.peer);
        slow.peer.set_room(Peer::kUnlimited);
        slow.world.settle(slow.peer);
        CHECK(slow.world.session.is_idle());
    }
}

/// The access log's line of the second request on a connection, whose client leaves after seven seconds or stays silent.
std::string line_of(std::string_view bytes, bool leaves) {
    const test::TempDir dir;
    const std::string path = dir.path() + "/access.log";
    auto log = AccessLog::create(path, *AccessFormat::compile("%(m)s %(U)s %(s)s %(T)s"));
    REQUIRE(log);
    SessionWorld world(limited({.header = 10s, .body = 10s}));
    world.access = &*log;
    Peer peer;
    peer.send(kHead);
    world.connect(peer);
    world.settle(peer);
    world.let_pass(1s, peer);
    peer.send(bytes);
    world.settle(peer);
    world.let_pass(leaves ? 7s : 10s, peer);
    peer.end();
    world.settle(peer);
    CHECK(peer.is_closed());
    CHECK(world.kept.lines.empty());
    log->flush();
    std::ostringstream lines;
    lines << std::ifstream(path).rdbuf();
    return lines.str().substr(lines.str().find('\n') + 1);
}

TEST_CASE("a request that its client left or was too slow with is one line of the access log, with its own time") {
    const std::string_view body = "POST /up HTTP/1.1\r\nContent-Length: 5\r\n\r\nab";
    CHECK(line_of("", true).empty());
    CHECK(line_of("GET /wha", true).empty());
    CHECK(line_of("GET /wha", false) == "- - 408 10\n");
    CHECK(line_of(body, true) == "POST /up 499 7\n");
    CHECK(line_of(body, false) == "POST /up 408 10\n");
}

}  // namespace
}  // namespace gunicorn::server
