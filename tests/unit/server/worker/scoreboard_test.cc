#include "server/worker/scoreboard.h"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <atomic>
#include <thread>

namespace gunicorn::server {
namespace {

using namespace std::chrono_literals;

TEST_CASE("what a child writes into its slot the parent reads") {
    auto board = Scoreboard::create(3);
    REQUIRE(board);
    CHECK(board->size() == 3);
    WorkerSlot& slot = board->slot(1);
    slot.claim(42, TimePoint(5s));
    CHECK(slot.state() == SlotState::booting);
    CHECK(slot.last_beat() == TimePoint(5s));
    const pid_t child = ::fork();
    if (child == 0) {
        slot.set_pid(::getpid());
        slot.beat(TimePoint(7s));
        slot.set_state(SlotState::busy);
        slot.connection_accepted();
        slot.connection_accepted();
        slot.connection_closed();
        slot.begin_request("GET", "/a", TimePoint(6s));
        slot.end_request();
        slot.begin_request("POST", "/slow?x=1", TimePoint(7s));
        ::_exit(0);
    }
    ::waitpid(child, nullptr, 0);
    CHECK(slot.pid() == child);
    CHECK(slot.age() == 42);
    CHECK(slot.last_beat() == TimePoint(7s));
    CHECK(slot.state() == SlotState::busy);
    CHECK(slot.requests() == 1);
    CHECK(slot.accepted_connections() == 2);
    CHECK(slot.open_connections() == 1);
    CHECK(slot.request_line() == "POST /slow?x=1");
    CHECK(slot.request_began() == TimePoint(7s));
    CHECK(board->slot(0).state() == SlotState::vacant);
    CHECK(board->slot(2).pid() == 0);
}

TEST_CASE("of a traceback the last three lines are kept, and of those the end") {
    auto board = Scoreboard::create(1);
    REQUIRE(board);
    WorkerSlot& slot = board->slot(0);
    slot.leave_last_words("");
    CHECK(slot.last_words().empty());
    slot.leave_last_words("one");
    CHECK(slot.last_words() == "one");
    slot.leave_last_words("one\n\ntwo\nthree\n\n");
    CHECK(slot.last_words() == "\ntwo\nthree");
    slot.leave_last_words("zero\n  one\n    two\nthree");
    CHECK(slot.last_words() == "  one\n    two\nthree");
    slot.leave_last_words("x\n" + std::string(600, 'a') + "z");
    CHECK(slot.last_words() == std::string(511, 'a') + "z");
    slot.claim(1, TimePoint(1s));
    CHECK(slot.last_words().empty());
}

TEST_CASE("the request line is empty between requests") {
    auto board = Scoreboard::create(1);
    REQUIRE(board);
    WorkerSlot& slot = board->slot(0);
    CHECK(slot.request_line().empty());
    slot.begin_request("GET", "/", TimePoint(1s));
    slot.end_request();
    CHECK(slot.request_line().empty());
    CHECK(slot.request_began() == TimePoint());
}

TEST_CASE("a long request line is cut") {
    auto board = Scoreboard::create(1);
    REQUIRE(board);
    WorkerSlot& slot = board->slot(0);
    slot.begin_request("GET", std::string(10'000, 'a'), TimePoint());
    CHECK(slot.request_line() == "GET " + std::string(WorkerSlot::kRequestLineCapacity - 4, 'a'));
    slot.begin_request(std::string(10'000, 'M'), "/", TimePoint());
    CHECK(slot.request_line() == std::string(WorkerSlot::kRequestLineCapacity - 1, 'M') + " ");
}

TEST_CASE("a slot begins anew with its next worker") {
    auto board = Scoreboard::create(1);
    REQUIRE(board);
    WorkerSlot& slot = board->slot(0);
    slot.claim(1, TimePoint(1s));
    slot.connection_accepted();
    slot.begin_request("GET", "/", TimePoint(1s));
    slot.release();
    CHECK(slot.state() == SlotState::vacant);
    slot.claim(2, TimePoint(2s));
    CHECK(slot.age() == 2);
    CHECK(slot.open_connections() == 0);
    CHECK(slot.request_line().empty());
}

TEST_CASE("a reader beside a writer sees whole request lines only") {
    auto board = Scoreboard::create(1);
    REQUIRE(board);
    WorkerSlot& slot = board->slot(0);
    std::atomic<bool> stop{false};
    std::thread writer([&] {
        for (unsigned i = 0; !stop; ++i) {
            const std::string target(1 + i % 200, static_cast<char>('a' + i % 26));
            slot.begin_request("GET", target, TimePoint());
        }
    });
    for (int i = 0; i < 20'000; ++i) {
        const std::string line = slot.request_line();
        if (line.empty()) continue;
        if (line.substr(0, 4) != "GET " || line.find_first_not_of(line[4], 4) != std::string::npos) {
            FAIL_CHECK("torn: " << line);
            break;
        }
    }
    stop = true;
    writer.join();
}

TEST_CASE("slots do not share cache lines, and a scoreboard moves") {
    static_assert(sizeof(WorkerSlot) % 64 == 0);
    auto board = Scoreboard::create(2);
    REQUIRE(board);
    board->slot(1).claim(9, TimePoint());
    Scoreboard moved = std::move(*board);
    CHECK(moved.size() == 2);
    CHECK(moved.slot(1).age() == 9);
    CHECK(reinterpret_cast<std::uintptr_t>(&moved.slot(1)) % 64 == 0);
}

}  // namespace
}  // namespace gunicorn::server
