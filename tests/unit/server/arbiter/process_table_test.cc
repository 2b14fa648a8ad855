#include "server/arbiter/process_table.h"

#include <catch2/catch.hpp>

#include <csignal>

namespace gunicorn::server {
namespace {

using namespace std::chrono_literals;
using gateway::LogLevel;

TimePoint at(Duration since_start) { return TimePoint(1000s) + since_start; }

WorkerRow row(pid_t pid, std::size_t slot) {
    WorkerRow made;
    made.pid = pid;
    made.age = static_cast<std::uint64_t>(pid);
    made.slot = slot;
    made.spawned_at = at(0s);
    return made;
}

TEST_CASE("ages are unique and increase") {
    ProcessTable table;
    CHECK(table.take_age() == 1);
    CHECK(table.take_age() == 2);
    CHECK(table.last_age() == 2);
}

TEST_CASE("the lowest free slot is given, and none when all are taken") {
    ProcessTable table;
    CHECK(table.free_slot(2) == 0);
    table.add(row(1, 0));
    CHECK(table.free_slot(2) == 1);
    table.add(row(2, 1));
    CHECK_FALSE(table.free_slot(2).has_value());
    table.record_exit(1, 0, at(0s));
    CHECK(table.free_slot(2) == 0);
}

TEST_CASE("a new worker has beaten when it was spawned") {
    ProcessTable table;
    table.add(row(1, 0));
    CHECK(table.find(1)->last_beat == at(0s));
    CHECK(table.find(1)->state == WorkerState::booting);
}

TEST_CASE("marks for a pid that is gone are ignored") {
    ProcessTable table;
    table.mark_ready(1, at(0s));
    table.mark_beat(1, at(0s));
    table.mark_stopping(1, SIGTERM, at(0s));
    table.mark_aborted(1, at(0s));
    table.mark_killed(1);
    CHECK(table.empty());
}

TEST_CASE("states only go forward") {
    ProcessTable table;
    table.add(row(1, 0));
    table.mark_ready(1, at(1s));
    table.mark_ready(1, at(2s));
    CHECK(table.find(1)->ready_at == at(1s));
    table.mark_stopping(1, 0, at(30s));
    table.mark_ready(1, at(3s));
    CHECK(table.find(1)->state == WorkerState::stopping);
    table.mark_killed(1);
    table.mark_aborted(1, at(4s));
    table.mark_stopping(1, SIGTERM, at(40s));
    CHECK(table.find(1)->state == WorkerState::killed);
}

TEST_CASE("what a worker's end is called, as Gunicorn's reap_workers says it") {
    struct Case {
        int status;
        LogLevel level;
        const char* text;
    };
    for (const Case& c : {
             Case{3 << 8, LogLevel::error, "Worker (pid:7) exited with code 3."},
             Case{255 << 8, LogLevel::error, "Worker (pid:7) exited with code 255."},
             Case{SIGKILL, LogLevel::error, "Worker (pid:7) was sent SIGKILL! Perhaps out of memory?"},
             Case{SIGTERM, LogLevel::info, "Worker (pid:7) was sent SIGTERM!"},
             Case{SIGSEGV, LogLevel::warning, "Worker (pid:7) was sent SIGSEGV!"},
             Case{SIGABRT | 0x80, LogLevel::warning, "Worker (pid:7) was sent SIGABRT!"},  // with a core dump
             Case{40, LogLevel::warning, "Worker (pid:7) was sent code 40!"},
         }) {
        CHECK(describe_exit(7, c.status) == ExitReport{c.level, c.text});
    }
    CHECK_FALSE(describe_exit(7, 0).has_value());
}

}  // namespace
}  // namespace gunicorn::server
