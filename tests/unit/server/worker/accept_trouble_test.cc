#include "server/worker/accept_trouble.h"

#include <cerrno>

#include <catch2/catch.hpp>

#include "support/session_world.h"

using namespace gunicorn;
using namespace gunicorn::server;

TEST_CASE("an error of accept() is of nobody, of one connection, or of the process") {
    CHECK(judge_accept_error(EAGAIN) == AcceptFailure::none_waiting);
    for (const int code : {ECONNABORTED, EINTR, EPROTO, EPERM, ENETDOWN, ENETUNREACH, EHOSTDOWN, EHOSTUNREACH, ENONET,
                           EOPNOTSUPP, ENOPROTOOPT, ETIMEDOUT}) {
        CHECK(judge_accept_error(code) == AcceptFailure::connection_lost);
    }
    for (const int code : {EMFILE, ENFILE, ENOBUFS, ENOMEM}) CHECK(judge_accept_error(code) == AcceptFailure::no_room);
}

TEST_CASE("an error of accept() that nobody expects is no reason to try without a pause") {
    for (const int code : {EBADF, EINVAL, ENOTSOCK, EFAULT, 4095}) CHECK(judge_accept_error(code) == AcceptFailure::no_room);
}

TEST_CASE("a time without room is logged when it begins and when it is over, however often accept() failed") {
    test::KeptLines log;
    AcceptTrouble trouble;
    TimePoint now = Clock::now();
    trouble.on_tick(now, log);
    CHECK(log.lines.empty());
    for (int i = 0; i < 100; ++i) {
        now += std::chrono::milliseconds(250);
        trouble.on_no_room(i % 2 == 0 ? EMFILE : ENOMEM, 7, now, log);
        trouble.on_tick(now, log);
    }
    REQUIRE(log.lines.size() == 1);
    CHECK(log.lines[0] == "accept: Too many open files: new connections wait; 7 are open");

    trouble.on_tick(now + std::chrono::seconds(1), log);
    CHECK(log.lines.size() == 1);
    trouble.on_tick(now + std::chrono::seconds(3), log);
    trouble.on_tick(now + std::chrono::seconds(4), log);
    REQUIRE(log.lines.size() == 2);

    trouble.on_no_room(ENFILE, 0, now + std::chrono::seconds(5), log);
    CHECK(log.lines.size() == 3);
}
