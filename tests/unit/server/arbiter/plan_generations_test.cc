// plan() during a reload: the trial of a new generation, the way back, the replacement of the others.
#include "server/arbiter/plan.h"

#include <catch2/catch.hpp>

#include <csignal>
#include <map>

#include "plan_world.h"

namespace gunicorn::server {
namespace {

using namespace plan_world;

Policy reloaded(std::size_t workers) {
    Policy policy = wanted(workers);
    policy.generation = 2;
    return policy;
}

TEST_CASE("workers of an old generation are replaced one by one, each after its successor is ready") {
    ProcessTable table = ready_workers({1, 2, 3});
    const Policy policy = reloaded(3);
    for (pid_t old = 1; old <= 3; ++old) {
        const pid_t fresh = 10 + old;
        CHECK(plan(table, policy, at(0s)) == spawns(1, 2));
        table.add(worker(fresh, 0s, 2));
        CHECK(plan(table, policy, at(0s)).empty());  // boots
        table.mark_ready(fresh, at(0s));
        Actions expected{SignalWorker{old, SIGTERM, SignalReason::replaced}};
        if (old < 3) expected.emplace_back(SpawnWorker{2});
        CHECK(plan(table, policy, at(0s)) == expected);
        table.mark_stopping(old, SIGTERM, at(30s));
    }
    CHECK(plan(table, policy, at(0s)).empty());
}

TEST_CASE("a worker that dies during a reload is replaced at once") {
    ProcessTable table = ready_workers({1, 2, 3});
    table.add(worker(11, 0s, 2));
    table.mark_ready(11, at(0s));
    table.mark_stopping(1, SIGTERM, at(30s));
    table.add(worker(12, 0s, 2));
    table.record_exit(2, SIGSEGV, at(10s));
    table.record_exit(3, SIGSEGV, at(10s));
    CHECK(plan(table, reloaded(3), at(10s)) == spawns(1, 2));
}

TEST_CASE("a reload with fewer workers lets the surplus go with the first successor") {
    ProcessTable table = ready_workers({1, 2, 3});
    const Policy policy = reloaded(1);
    CHECK(plan(table, policy, at(0s)) == Actions{SignalWorker{1, SIGTERM, SignalReason::replaced},
                                                 SignalWorker{2, SIGTERM, SignalReason::replaced}, SpawnWorker{2}});
}

TEST_CASE("until a new generation has a ready worker only one of it boots and the fallback is kept complete") {
    ProcessTable table = ready_workers({1, 2});
    Policy policy = reloaded(4);
    policy.fallback = Fallback{1, 2};
    CHECK(plan(table, policy, at(0s)) == spawns(1, 2));
    table.add(worker(11, 0s, 2));
    CHECK(plan(table, policy, at(0s)).empty());
    table.record_exit(1, SIGSEGV, at(60s));
    CHECK(plan(table, policy, at(60s)) == spawns(1, 1));
    table.record_exit(2, SIGSEGV, at(60s));
    CHECK(plan(table, policy, at(60s)) == spawns(2, 1));
    table.mark_ready(11, at(61s));
    CHECK(plan(table, policy, at(61s)) == spawns(3, 2));
}

TEST_CASE("a trial generation that does not boot is abandoned, however it ends, and the old one stays") {
    for (const auto& [status, code] : std::map<int, int>{{exited(3), 3}, {exited(1), 1}, {kExit0, 0}, {SIGABRT, 134}}) {
        ProcessTable table = ready_workers({1, 2});
        Policy policy = reloaded(2);
        policy.fallback = Fallback{1, 2};
        table.add(worker(11, 10s, 2));
        table.record_exit(11, status, at(11s));
        CHECK(plan(table, policy, at(11s)) == Actions{AbandonGeneration{{2, 11, code}}});
        go_back(policy, table);
        CHECK(policy.generation == 1);
        CHECK(plan(table, policy, at(11s)).empty());
    }
}

TEST_CASE("an old worker's failed successor does not hide that the trial failed") {
    ProcessTable table = ready_workers({1});
    table.add(worker(11, 0s, 2));
    table.add(worker(12, 0s, 1));
    table.record_exit(11, exited(1), at(1s));
    table.record_exit(12, exited(3), at(1s));
    Policy policy = reloaded(2);
    policy.fallback = Fallback{1, 2};
    CHECK(plan(table, policy, at(1s)) == Actions{AbandonGeneration{{2, 11, 1}}});
}

TEST_CASE("after a roll-back the workers of the abandoned generation go") {
    ProcessTable table = ready_workers({1, 2});
    table.add(worker(11, 0s, 2));
    CHECK(plan(table, wanted(2), at(0s)) == Actions{SignalWorker{11, SIGTERM, SignalReason::replaced}});
}

TEST_CASE("a trial worker that never gets ready is aborted at its boot timeout") {
    ProcessTable table = ready_workers({1});
    table.add(worker(11, 0s, 2));
    table.mark_beat(1, at(21s));
    Policy policy = reloaded(1);
    policy.fallback = Fallback{1, 1};
    policy.timeout = 30s;
    policy.boot_timeout = 20s;
    CHECK(plan(table, policy, at(21s)) == Actions{SignalWorker{11, SIGABRT, SignalReason::timed_out}});
}

TEST_CASE("a reload is under way from its trial until no worker of another generation serves") {
    ProcessTable table = ready_workers({1, 2});
    Policy policy = wanted(2);
    CHECK(!is_replacing(table, policy));
    begin_trial(policy, 2, Fallback{1, 2});
    table.add(worker(11, 0s, 2));
    CHECK(is_replacing(table, policy));
    CHECK(!settle(policy, table));
    REQUIRE(policy.fallback);
    CHECK(policy.fallback->generation == 1);

    table.mark_ready(11, at(1s));
    CHECK(settle(policy, table));
    CHECK(!policy.fallback);
    CHECK(!settle(policy, table));
    table.mark_stopping(1, SIGTERM, at(31s));
    CHECK(is_replacing(table, policy));
    table.mark_stopping(2, SIGTERM, at(31s));
    CHECK(!is_replacing(table, policy));  // who is finishing holds up nobody
}

TEST_CASE("going back restores the number of workers, and is over when the tried worker has been told to go") {
    ProcessTable table = ready_workers({1, 2});
    Policy policy = wanted(5);
    begin_trial(policy, 2, Fallback{1, 2});
    table.add(worker(11, 0s, 2));
    table.add(worker(12, 0s, 2));
    table.record_exit(11, exited(3), at(1s));
    go_back(policy, table);
    CHECK(policy.wanted == 2);
    CHECK(is_replacing(table, policy));
    table.mark_stopping(12, SIGTERM, at(31s));
    CHECK(!is_replacing(table, policy));
}

TEST_CASE("when no workers are wanted there is nothing to try") {
    ProcessTable table;
    Policy policy = wanted(0);
    begin_trial(policy, 2, Fallback{1, 0});
    CHECK(!is_replacing(table, policy));
    CHECK(policy.generation == 2);
}

TEST_CASE("reloads that were given up are no crash loop") {
    ProcessTable table = ready_workers({1});
    Policy policy = wanted(1);
    policy.crash_limit = 3;
    for (pid_t tried = 11; tried < 15; ++tried) {
        begin_trial(policy, static_cast<std::uint64_t>(tried), Fallback{1, 1});
        table.add(worker(tried, Duration(std::chrono::seconds(tried)), policy.generation));
        table.record_exit(tried, exited(3), at(std::chrono::seconds(tried)));
        go_back(policy, table);
    }
    table.record_exit(1, SIGKILL, at(60s));
    CHECK(plan(table, policy, at(60s)) == spawns(1, 1));
}

}  // namespace
}  // namespace gunicorn::server
