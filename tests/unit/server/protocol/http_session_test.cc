#include "server/protocol/http_session.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>

#include "http/response_encoder.h"
#include "support/grind.h"
#include "support/session_world.h"
#include "support/wire_response.h"

namespace gunicorn::server {
namespace {

using test::Answer;
using test::Peer;
using test::SessionWorld;
using test::Way;
using test::WireResponse;

const std::string kGet = "GET /first HTTP/1.1\r\nHost: a\r\n\r\n";

Answer text(const std::string& body, Way way = Way::pulled) {
    return {.pieces = {body}, .known_length = body.size(), .way = way};
}

/// The final responses that a peer received, all of which must be well formed.
std::vector<WireResponse> responses_to(const Peer& peer, const SessionWorld& world) {
    std::string finals = peer.received();
    for (std::size_t at = 0; (at = finals.find(http::kContinueResponse)) != std::string::npos;) {
        finals.erase(at, http::kContinueResponse.size());
    }
    std::vector<WireResponse> all;
    std::string_view rest = finals;
    while (!rest.empty()) {
        const bool is_refusal = all.size() >= world.application.submitted.size();
        auto response =
            test::take_response(rest, !is_refusal && world.application.submitted[all.size()].method == "HEAD");
        REQUIRE(response);
        all.push_back(*std::move(response));
    }
    return all;
}

/// What a client sends in one piece, and all that comes back.
std::vector<WireResponse> responses_of(SessionWorld& world, std::string_view bytes) {
    Peer peer;
    peer.send(bytes);
    peer.end();
    world.connect(peer);
    world.settle(peer);
    CHECK(peer.is_closed());
    return responses_to(peer, world);
}

TEST_CASE("a connection is kept between requests and ends with its client") {
    SessionWorld world;
    world.application.answers = {text("hello"), text("again", Way::posted)};
    Peer peer;
    world.connect(peer);
    for (int i = 0; i < 4; ++i) {
        CHECK(world.session.is_idle());
        peer.send(kGet);
        world.settle(peer);
        CHECK(world.application.submitted.size() == static_cast<std::size_t>(i + 1));
        CHECK(world.session.is_open());
    }
    const auto responses = responses_to(peer, world);
    REQUIRE(responses.size() == 4);
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(responses[i].has_line("Connection: keep-alive"));
        CHECK(responses[i].body == (i % 2 == 0 ? "hello" : "again"));
    }
    peer.end();
    world.settle(peer);
    CHECK(peer.is_closed());
    CHECK(world.responses == 4);
    CHECK(world.kept.lines.empty());
}

TEST_CASE("a connection gives way to others only while nothing of a request has come") {
    SessionWorld world;
    world.application.answers = {text("hello")};
    Peer peer;
    world.connect(peer);
    peer.send("GET / HT");
    CHECK_FALSE(world.session.give_way());
    world.settle(peer);
    CHECK_FALSE(world.session.give_way());
    peer.send("TP/1.1\r\nHost: a\r\n\r\n");
    world.let_pass(std::chrono::seconds(1), peer);
    world.settle(peer);
    CHECK(world.session.idle_since() == world.clock);
    CHECK(world.session.give_way());
    world.settle(peer);
    CHECK(peer.is_closed());
    CHECK_FALSE(world.session.is_open());
    CHECK_FALSE(world.session.give_way());
    CHECK(responses_to(peer, world).size() == 1);
}

TEST_CASE("pipelined requests are answered in order, however they are cut") {
    const std::string bytes =
        "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
        "HEAD /b HTTP/1.1\r\nHost: a\r\n\r\n"
        "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nde\r\n0\r\n\r\n"
        "GET /d HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        "GET /never HTTP/1.1\r\nHost: a\r\n\r\n";
    for (const Way way : {Way::pulled, Way::posted}) {
        test::grind(bytes, [&](const test::Pieces& pieces) {
            SessionWorld world;
            world.application.answers = {text("one", way),
                                         {.fields = {{"Content-Length", "3"}}, .pieces = {"two"}, .way = way},
                                         {.pieces = {"th", "", "ree"}, .way = way},
                                         text("four", way)};
            Peer peer;
            world.connect(peer);
            for (std::size_t i = 0; i < pieces.size(); ++i) {
                peer.send(pieces[i]);
                world.settle(peer);
            }
            peer.end();
            world.settle(peer);
            CHECK(peer.is_closed());
            const auto& submitted = world.application.submitted;
            REQUIRE(submitted.size() == 4);
            CHECK(submitted[0].body == "abc");
            CHECK(submitted[2].body == "de");
            CHECK(submitted[3].target == "/d");
            const auto responses = responses_to(peer, world);
            REQUIRE(responses.size() == 4);
            CHECK(responses[0].body == "one");
            CHECK((responses[1].body.empty() && responses[1].has_line("Content-Length: 3")));
            CHECK((responses[2].body == "three" && responses[2].has_line("Transfer-Encoding: chunked")));
            CHECK((responses[3].body == "four" && responses[3].says_close));
        });
    }
}

TEST_CASE("100 Continue is sent when a body is waited for, and not when it is there") {
    const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n";
    SessionWorld world;
    Peer peer;
    world.connect(peer);
    peer.send(head);
    world.settle(peer);
    CHECK(peer.received() == http::kContinueResponse);
    CHECK(world.application.submitted.empty());
    peer.send("hello");
    world.settle(peer);
    REQUIRE(world.application.submitted.size() == 1);
    CHECK(world.application.submitted[0].body == "hello");
    const std::size_t before = peer.received().size();
    peer.send(head + "hello");
    world.settle(peer);
    CHECK(world.application.submitted.size() == 2);
    CHECK(peer.received().find(http::kContinueResponse, before) == std::string::npos);
}

TEST_CASE("100 Continue waits for room, and the body is read behind it") {
    SessionWorld world;
    Peer peer;
    peer.set_room(4);
    peer.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
    world.connect(peer);
    world.settle(peer);
    CHECK(peer.received() == "HTTP");
    peer.set_room(Peer::kUnlimited);
    world.settle(peer);
    CHECK(peer.received() == http::kContinueResponse);
    peer.send("hello");
    world.settle(peer);
    CHECK(world.application.submitted.size() == 1);
}

TEST_CASE("a body that is shorter than was declared closes the connection, and what follows is not parsed") {
    for (const Way way : {Way::pulled, Way::posted}) {
        SessionWorld world;
        world.application.answers = {{.fields = {{"Content-Length", "10"}}, .pieces = {"short"}, .way = way}};
        const auto responses = responses_of(world, kGet + kGet);
        CHECK(world.application.submitted.size() == 1);
        REQUIRE(responses.size() == 1);
        CHECK_FALSE(responses[0].is_complete);
        CHECK(responses[0].body == "short");
    }
}

TEST_CASE("a body that is longer than was declared is cut, and the connection goes on") {
    for (const Way way : {Way::pulled, Way::posted}) {
        SessionWorld world;
        world.application.answers = {{.fields = {{"Content-Length", "3"}}, .pieces = {"lo", "nger"}, .way = way},
                                     text("next")};
        const auto responses = responses_of(world, kGet + kGet);
        REQUIRE(responses.size() == 2);
        CHECK(responses[0].body == "lon");
        CHECK(responses[1].body == "next");
    }
}

TEST_CASE("a failure before the head is a page, and behind it a close") {
    for (const Way way : {Way::pulled, Way::posted}) {
        SessionWorld world;
        world.application.answers = {{.pieces = {"never"}, .fails_before = 0, .way = way}};
        auto responses = responses_of(world, kGet + kGet);
        REQUIRE(responses.size() == 1);
        CHECK((responses[0].status == 500 && responses[0].says_close && responses[0].is_complete));

        SessionWorld late;
        late.application.answers = {{.pieces = {"first", "never"}, .fails_before = 1, .way = way}};
        responses = responses_of(late, kGet + kGet);
        REQUIRE(responses.size() == 1);
        CHECK((responses[0].body == "first" && !responses[0].is_complete));
    }
}

TEST_CASE("a body that ends with its connection is reset when it is cut") {
    SessionWorld world;
    world.application.answers = {{.pieces = {"first", "never"}, .fails_before = 1}};
    Peer peer;
    peer.send("GET / HTTP/1.0\r\n\r\n");
    world.connect(peer);
    CHECK(peer.was_reset());
    CHECK(peer.is_closed());
}

TEST_CASE("behind a refusal nothing is parsed, and what comes is read away") {
    SessionWorld world;
    Peer peer;
    peer.send("GET / HTTP/9.9\r\n\r\n" + kGet);
    world.connect(peer);
    world.settle(peer);
    CHECK(peer.output_has_ended());
    CHECK_FALSE(peer.is_closed());
    peer.send(kGet);
    world.settle(peer);
    CHECK(peer.unread() == 0);
    CHECK(world.application.submitted.empty());
    peer.end();
    world.settle(peer);
    CHECK(peer.is_closed());
    const auto responses = responses_to(peer, world);
    REQUIRE(responses.size() == 1);
    CHECK((responses[0].status == 505 && responses[0].says_close));
    CHECK(world.kept.lines.size() == 1);
}

TEST_CASE("what is read away behind a refusal is bounded in bytes and time") {
    for (const bool sends_on : {false, true}) {
        SessionWorld world;
        Peer peer;
        peer.send("BAD\r\n\r\n");
        world.connect(peer);
        world.settle(peer);
        CHECK_FALSE(peer.is_closed());
        if (sends_on) {
            peer.send(std::string(1U << 20U, 'x'));
            world.settle(peer);
        } else {
            world.let_time_pass(peer);
            world.settle(peer);
        }
        CHECK(peer.is_closed());
    }
}

TEST_CASE("a refusal waits for room behind the answers before it, and is whole") {
    SessionWorld world;
    Peer peer;
    peer.set_room(0);
    peer.send("BAD\r\n\r\n");
    world.connect(peer);
    world.settle(peer);
    CHECK(peer.received().empty());
    for (int i = 0; i < 1000 && !peer.output_has_ended(); ++i) {
        peer.add_room(1);
        world.settle(peer);
    }
    REQUIRE(peer.output_has_ended());
    const auto responses = responses_to(peer, world);
    REQUIRE(responses.size() == 1);
    CHECK((responses[0].status == 400 && responses[0].is_complete));
    peer.send(kGet);
    peer.end();
    world.settle(peer);
    CHECK(peer.is_closed());
    CHECK(peer.unread() == 0);
}

TEST_CASE("a refused HEAD request gets no page") {
    SessionWorld world;
    Peer peer;
    peer.send("HEAD / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nno size\r\n");
    peer.end();
    world.connect(peer);
    world.settle(peer);
    const std::string& wire = peer.received();
    CHECK(wire.starts_with("HTTP/1.1 400 "));
    CHECK(wire.ends_with("\r\n\r\n"));
}

TEST_CASE("a request that does not arrive in time is a 408, an idle connection ends without a word") {
    for (const std::string_view begun : {"GET / HT", "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhe"}) {
        SessionWorld world;
        Peer peer;
        peer.send(begun);
        world.connect(peer);
        world.let_time_pass(peer);
        const auto responses = responses_to(peer, world);
        REQUIRE(responses.size() == 1);
        CHECK((responses[0].status == 408 && responses[0].is_complete));
        peer.send("llo");
        peer.end();
        world.settle(peer);
        CHECK(peer.is_closed());
        CHECK(world.application.submitted.empty());
    }
    SessionWorld world;
    Peer peer;
    world.connect(peer);
    world.let_time_pass(peer);
    world.settle(peer);
    CHECK(peer.received().empty());
    CHECK_FALSE(world.session.is_open());
}

TEST_CASE("a client that does not read its answer is given up") {
    for (const Way way : {Way::pulled, Way::posted}) {
        SessionWorld world;
        world.application.answers = {{.pieces = {std::string(10'000, 'x'), std::string(10'000, 'y')}, .way = way}};
        Peer peer;
        peer.set_room(500);
        peer.send(kGet);
        world.connect(peer);
        for (int i = 0; i < 3; ++i) world.advance(peer);
        world.let_time_pass(peer);
        world.settle(peer);
        CHECK(peer.is_closed());
        CHECK(peer.received().size() == 500);
        CHECK(world.responses == 1);
    }
}

TEST_CASE("a peer that is gone at any point leaves nothing behind") {
    const std::string bytes =
        "POST /a HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc" + kGet + "BAD\r\n\r\n";
    for (const Way way : {Way::pulled, Way::posted}) {
        for (std::size_t sent = 0; sent <= bytes.size(); ++sent) {
            for (const std::size_t room : {std::size_t{0}, std::size_t{10}, std::size_t{200}, Peer::kUnlimited}) {
                for (int events = 0; events < 5; ++events) {
                    SessionWorld world;
                    world.application.answers = {{.pieces = {"one", std::string(5000, 'x'), "three"}, .way = way}};
                    Peer peer;
                    peer.set_room(room);
                    peer.send(std::string_view(bytes).substr(0, sent));
                    world.connect(peer);
                    for (int i = 0; i < events; ++i) world.advance(peer);
                    peer.reset();
                    world.settle(peer);
                    REQUIRE_FALSE(world.session.is_open());
                    REQUIRE(world.responses == static_cast<int>(world.application.submitted.size()));
                }
            }
        }
    }
}

TEST_CASE("a write to a client that does not read now waits only when much is kept for it already") {
    for (const auto& [size, waits] : {std::pair{std::size_t{300'000}, false}, std::pair{std::size_t{800'000}, true}}) {
        SessionWorld world;
        const std::string first(size, 'a');
        const std::string second(size, 'b');
        world.application.answers = {{.pieces = {first, second, "end"}, .written = 2}};
        Peer peer;
        peer.set_room(10);
        peer.send(kGet);
        world.connect(peer);
        world.settle(peer);
        CHECK((peer.waits() > 0) == waits);
        CHECK((peer.received().size() == 10) == !waits);
        peer.set_room(Peer::kUnlimited);
        world.settle(peer);
        std::string_view wire = peer.received();
        const auto response = test::take_response(wire, false);
        REQUIRE(response);
        CHECK(response->body == first + second + "end");
        CHECK(response->is_complete);
    }
}

TEST_CASE("behind a failed write nothing is sent, although the application goes on") {
    SessionWorld world;
    world.application.answers = {{.fields = {{"Content-Length", "9"}}, .pieces = {"one", "two", "end"}, .written = 2},
                                 text("never")};
    Peer peer;
    peer.send(kGet + kGet);
    peer.stop_reading();
    world.connect(peer);
    world.settle(peer);
    CHECK(peer.is_closed());
    CHECK(peer.received().empty());
    CHECK(world.application.submitted.size() == 1);
    CHECK(world.responses == 1);
}

TEST_CASE("a file is sent between its head and what follows") {
    for (const Way way : {Way::pulled, Way::posted}) {
        const std::string path = GN_SOURCE_DIR "/LICENSE";
        const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
        REQUIRE(file);
        SessionWorld world;
        world.application.answers = {{.file = gateway::FilePart{file.get(), 0, 100}, .way = way}, text("next", way)};
        Peer peer;
        peer.set_room(50);
        peer.send(kGet + kGet);
        world.connect(peer);
        for (int i = 0; i < 200; ++i) {
            peer.add_room(7);
            world.settle(peer);
        }
        const auto responses = responses_to(peer, world);
        REQUIRE(responses.size() == 2);
        CHECK((responses[0].is_complete && responses[0].body.size() == 100 &&
               responses[0].has_line("Transfer-Encoding: chunked")));
        CHECK(responses[1].body == "next");
    }
}

TEST_CASE("a file that is shorter than it was closes the connection, and the log says so") {
    const UniqueFd file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    SessionWorld world;
    world.application.answers = {{.known_length = 100, .file = gateway::FilePart{file.get(), 0, 100}}};
    const auto responses = responses_of(world, kGet + kGet);
    REQUIRE(responses.size() == 1);
    CHECK_FALSE(responses[0].is_complete);
    CHECK(world.kept.lines.size() == 1);
}

TEST_CASE("a session serves one connection after the other, whatever the last one left") {
    SessionWorld world;
    world.application.answers = {text("hello")};
    for (const std::string_view bytes :
         {"GET / HT", "POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nhalf", "BAD\r\n\r\n", ""}) {
        responses_of(world, bytes);
        world.application.submitted.clear();
        const auto responses = responses_of(world, kGet);
        REQUIRE(responses.size() == 1);
        CHECK(responses[0].body == "hello");
        REQUIRE(world.application.submitted.size() == 1);
        CHECK(world.application.submitted[0].body.empty());
        world.application.submitted.clear();
    }
}

TEST_CASE("a connection that is refused before its first request is answered whole, whatever the last one asked") {
    SessionWorld world({.proxy_mode = http::ProxyMode::any});
    REQUIRE(responses_of(world, "HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").size() == 1);
    world.application.submitted.clear();
    const auto responses = responses_of(world, "PROXY TCP4 192.0.2.7 192.0.2.8 1 2\r\n" + kGet);
    REQUIRE(responses.size() == 1);
    CHECK(responses[0].has_line("HTTP/1.1 403 Forbidden"));
    CHECK(responses[0].body.find("</html>") != std::string::npos);
}

/// A file of 8 MiB, of which a peer in memory takes 64 KiB at a time, for one that reads as fast as it is sent.
struct LargeFile {
    static constexpr std::uint64_t kSize = 8U << 20U;
    UniqueFd fd{::memfd_create("large", MFD_CLOEXEC)};
    LargeFile() { REQUIRE(::ftruncate(fd.get(), kSize) == 0); }
    [[nodiscard]] Answer answer() const { return {.known_length = kSize, .file = gateway::FilePart{fd.get(), 0, kSize}}; }
};

TEST_CASE("a client that is as fast as we are leaves the others their turn") {
    const LargeFile file;
    SessionWorld world;
    world.application.answers = {file.answer()};
    Peer peer;
    peer.send(kGet);
    world.connect(peer);
    world.settle(peer);
    CHECK(world.long_turns > 1);
    CHECK(world.responses == 1);
    const std::size_t head = peer.received().size() - LargeFile::kSize;

    // Its room may end where a turn does: send_timeout counts all the same.
    SessionWorld other({.client_limits = {.send = std::chrono::seconds(5)}});
    other.application.answers = {file.answer()};
    Peer lazy;
    lazy.set_room(head + 31 * 65536);
    lazy.send(kGet);
    other.connect(lazy);
    other.settle(lazy);
    REQUIRE(other.long_turns == 1);
    for (int i = 0; i < 4; ++i) other.let_pass(std::chrono::seconds(5), lazy);
    CHECK(lazy.is_closed());
}

}  // namespace
}  // namespace gunicorn::server
