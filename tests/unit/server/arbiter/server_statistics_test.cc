#include "server/arbiter/server_statistics.h"

#include <catch2/catch.hpp>

#include <csignal>

namespace gunicorn::server {
namespace {

using namespace std::chrono_literals;

constexpr int exited(int code) { return code << 8; }

WorkerRow ready_row(pid_t pid = 7) {
    WorkerRow row;
    row.pid = pid;
    row.ready_at = TimePoint(1s);
    return row;
}

ExitCause cause(const WorkerRow& row, int status, std::optional<SignalReason> order = {},
                LeaveReason leaving = LeaveReason::none) {
    return exit_cause(row, order, leaving, status);
}

TEST_CASE("the end of a worker has the cause that its master or itself gave") {
    const WorkerRow row = ready_row();
    CHECK(cause(row, 0, SignalReason::replaced) == ExitCause::reload);
    CHECK(cause(row, 0, SignalReason::surplus) == ExitCause::scale_down);
    CHECK(cause(row, 0, SignalReason::server_stopping) == ExitCause::server_stop);
    CHECK(cause(row, SIGABRT, SignalReason::timed_out) == ExitCause::timeout);
    CHECK(cause(row, 0, {}, LeaveReason::max_requests) == ExitCause::max_requests);
    CHECK(cause(row, 0, {}, LeaveReason::memory) == ExitCause::memory);
    CHECK(cause(row, SIGKILL, SignalReason::stops_too_long, LeaveReason::max_requests) == ExitCause::max_requests);
}

TEST_CASE("without one it is a crash, a signal of somebody else, or a failure to boot") {
    const WorkerRow row = ready_row();
    CHECK(cause(row, SIGSEGV) == ExitCause::crash);
    CHECK(cause(row, exited(1)) == ExitCause::crash);
    CHECK(cause(row, SIGKILL) == ExitCause::signal);
    CHECK(cause(row, exited(0)) == ExitCause::signal);
    CHECK(cause(WorkerRow{}, exited(3)) == ExitCause::boot_failure);
    CHECK(cause(WorkerRow{}, SIGSEGV) == ExitCause::boot_failure);
    WorkerRow told = ready_row();
    told.stop_deadline = TimePoint(9s);
    CHECK(cause(told, exited(0)) == ExitCause::signal);
}

TEST_CASE("what a worker counted outlives its slot, and its first order is its cause") {
    auto board = Scoreboard::create(1);
    REQUIRE(board);
    WorkerSlot& slot = board->slot(0);
    ServerStatistics statistics;
    for (const pid_t pid : {7, 8}) {
        slot.claim(static_cast<std::uint64_t>(pid), TimePoint(1s));
        slot.request_counters().record(200, 1ms, 10);
        slot.connection_accepted();
        statistics.note_spawn();
        statistics.note_order({pid, SIGTERM, SignalReason::replaced});
        statistics.note_order({pid, SIGKILL, SignalReason::stops_too_long});
        statistics.note_exit(ready_row(pid), slot, SIGKILL);
        slot.release();
    }
    CHECK(statistics.requests().requests() == 2);
    CHECK(statistics.requests().bytes_sent == 20);
    CHECK(statistics.accepted_connections() == 2);
    CHECK(statistics.spawned() == 2);
    for (const auto& [name, count] : statistics.exits()) CHECK(count == (name == "reload" ? 2U : 0U));
}

}  // namespace
}  // namespace gunicorn::server
