#include "server/arbiter/plan.h"

#include <catch2/catch.hpp>

#include <csignal>
#include <deque>
#include <functional>

#include "plan_world.h"

namespace gunicorn::server {
namespace {

using namespace plan_world;

// --- how many -------------------------------------------------------------------------------------------------------------

TEST_CASE("missing workers are spawned at once") {
    CHECK(plan(ProcessTable{}, wanted(3), at(0s)) == spawns(3));
    CHECK(plan(ready_workers({1}), wanted(3), at(0s)) == spawns(2));
    CHECK(plan(ready_workers({1, 2, 3}), wanted(3), at(0s)).empty());
}

TEST_CASE("booting workers count as workers") {
    ProcessTable table;
    table.add(worker(1));
    table.add(worker(2));
    CHECK(plan(table, wanted(2), at(0s)).empty());
}

TEST_CASE("more workers than wanted: the oldest are told to finish") {  // Gunicorn: manage_workers
    CHECK(plan(ready_workers({1, 2, 3}), wanted(1), at(0s)) ==
          Actions{SignalWorker{1, SIGTERM, SignalReason::surplus}, SignalWorker{2, SIGTERM, SignalReason::surplus}});
}

TEST_CASE("no workers at all may be wanted") {  // Gunicorn: handle_winch
    CHECK(plan(ProcessTable{}, wanted(0), at(0s)).empty());
    CHECK(plan(ready_workers({1}), wanted(0), at(0s)) == Actions{SignalWorker{1, SIGTERM, SignalReason::surplus}});
}

TEST_CASE("a stopping worker is replaced before it is gone, and not told twice") {
    ProcessTable table = ready_workers({1, 2});
    table.mark_stopping(1, 0, at(30s));
    CHECK(plan(table, wanted(2), at(0s)) == spawns(1));
    CHECK(plan(table, wanted(1), at(0s)).empty());
    CHECK(plan(table, wanted(0), at(0s)) == Actions{SignalWorker{2, SIGTERM, SignalReason::surplus}});
}

TEST_CASE("a killed worker is replaced at once, an aborted one when it is reaped") {
    ProcessTable table = ready_workers({1, 2});
    table.mark_aborted(1, at(0s));
    CHECK(plan(table, wanted(2), at(0s)).empty());
    table.mark_killed(1);
    CHECK(plan(table, wanted(2), at(0s)) == spawns(1));
}

TEST_CASE("an aborted worker is not told to finish when there are too many") {
    ProcessTable table = ready_workers({1, 2});
    table.mark_aborted(1, at(0s));
    CHECK(plan(table, wanted(1), at(0s)) == Actions{SignalWorker{2, SIGTERM, SignalReason::surplus}});
}

TEST_CASE("there are never more processes than slots") {
    Policy policy = wanted(5);
    policy.slots = 3;
    ProcessTable table = ready_workers({1, 2});
    CHECK(plan(table, policy, at(0s)) == spawns(1));
    table.mark_stopping(1, SIGTERM, at(30s));  // still a process
    CHECK(plan(table, policy, at(0s)) == spawns(1));
    table.add(worker(3));
    CHECK(plan(table, policy, at(0s)).empty());
}

TEST_CASE("TTIN and TTOU change the number by one and stop at one") {
    CHECK(one_more(1) == 2);
    CHECK(one_less(3) == 2);
    CHECK(one_less(1) == 1);
    CHECK(one_less(0) == 0);  // after WINCH
}

// --- heartbeats -----------------------------------------------------------------------------------------------------------

TEST_CASE("a silent worker is aborted first and killed the next time") {  // Gunicorn: murder_workers
    ProcessTable table = ready_workers({7});
    const Policy policy = with_timeout(30s);
    CHECK(plan(table, policy, at(30s)).empty());  // older than the timeout, not as old
    CHECK(plan(table, policy, at(31s)) == Actions{SignalWorker{7, SIGABRT, SignalReason::timed_out}});
    table.mark_aborted(7, at(31s));
    CHECK(plan(table, policy, at(31500ms)).empty());  // time for worker_abort
    CHECK(plan(table, policy, at(32s)) == Actions{SignalWorker{7, SIGKILL, SignalReason::still_silent}});
    table.mark_killed(7);
    CHECK(plan(table, policy, at(40s)) == spawns(1));
}

TEST_CASE("a heartbeat keeps a worker alive, and timeout 0 does too") {
    ProcessTable table = ready_workers({7});
    table.mark_beat(7, at(20s));
    CHECK(plan(table, with_timeout(30s), at(45s)).empty());
    CHECK(plan(table, with_timeout(0s), at(1000h)).empty());
    table.mark_beat(7, at(10s));  // beats never go back
    CHECK(table.find(7)->last_beat == at(20s));
}

TEST_CASE("an aborted worker that beats again lives until it is silent again") {
    ProcessTable table = ready_workers({7});
    table.mark_aborted(7, at(31s));
    table.mark_beat(7, at(31500ms));
    CHECK(plan(table, with_timeout(30s), at(40s)).empty());
    CHECK(plan(table, with_timeout(30s), at(62s)) == Actions{SignalWorker{7, SIGKILL, SignalReason::still_silent}});
}

TEST_CASE("an aborted worker is killed even when a reload turned the timeout off") {
    ProcessTable table = ready_workers({7});
    table.mark_aborted(7, at(31s));
    CHECK(plan(table, with_timeout(0s), at(32100ms)) == Actions{SignalWorker{7, SIGKILL, SignalReason::still_silent}});
}

TEST_CASE("a booting worker is judged by boot_timeout where there is one") {
    ProcessTable table;
    table.add(worker(7));
    Policy policy = with_timeout(10s);
    CHECK(plan(table, policy, at(11s)) == Actions{SignalWorker{7, SIGABRT, SignalReason::timed_out}});
    policy.boot_timeout = 60s;
    CHECK(plan(table, policy, at(11s)).empty());
    CHECK(plan(table, policy, at(61s)) == Actions{SignalWorker{7, SIGABRT, SignalReason::timed_out}});
    policy.boot_timeout = 0s;
    CHECK(plan(table, policy, at(1000h)).empty());
}

TEST_CASE("a silent worker is not also told to finish") {
    ProcessTable table = ready_workers({1, 2});
    table.mark_beat(2, at(31s));
    CHECK(plan(table, with_timeout(30s, 1), at(31s)) == Actions{SignalWorker{1, SIGABRT, SignalReason::timed_out}});
}

// --- stopping -------------------------------------------------------------------------------------------------------------

TEST_CASE("a stopping worker past its deadline is killed, once") {
    ProcessTable table = ready_workers({7});
    table.mark_stopping(7, SIGTERM, at(30s));
    CHECK(plan(table, wanted(0), at(29s)).empty());
    CHECK(plan(table, wanted(0), at(30s)) == Actions{SignalWorker{7, SIGKILL, SignalReason::stops_too_long}});
    table.mark_killed(7);
    CHECK(plan(table, wanted(0), at(31s)).empty());
}

TEST_CASE("the heartbeat of a stopping worker is not judged") {
    ProcessTable table = ready_workers({7});
    table.mark_stopping(7, SIGTERM, at(120s));
    Policy policy = with_timeout(30s, 0);
    CHECK(plan(table, policy, at(100s)).empty());
}

TEST_CASE("a second request to stop can shorten the deadline, not lengthen it") {
    ProcessTable table = ready_workers({7});
    table.mark_stopping(7, SIGTERM, at(30s));
    table.mark_stopping(7, SIGQUIT, at(2s));
    table.mark_stopping(7, SIGQUIT, at(60s));
    CHECK(table.find(7)->stop_deadline == at(2s));
    CHECK(table.find(7)->stop_signal == SIGQUIT);
}

TEST_CASE("a stop tells every worker once and spawns nothing") {
    ProcessTable table = ready_workers({1, 2});
    table.add(worker(3));  // booting
    table.mark_aborted(2, at(0s));
    Policy policy = wanted(8);
    policy.stop = Stop{SIGTERM, at(30s)};
    const Actions told = plan(table, policy, at(0s));
    CHECK(told == Actions{SignalWorker{1, SIGTERM, SignalReason::server_stopping},
                          SignalWorker{2, SIGTERM, SignalReason::server_stopping},
                          SignalWorker{3, SIGTERM, SignalReason::server_stopping}});
    for (const Action& action : told) record(table, std::get<SignalWorker>(action), policy, at(0s));
    CHECK(plan(table, policy, at(900ms)).empty());
    CHECK(table.find(2)->state == WorkerState::aborted);
    CHECK(plan(table, policy, at(30s)) == Actions{SignalWorker{1, SIGKILL, SignalReason::stops_too_long},
                                                  SignalWorker{2, SIGKILL, SignalReason::still_silent},
                                                  SignalWorker{3, SIGKILL, SignalReason::stops_too_long}});
}

TEST_CASE("INT during a graceful stop makes it a quick one") {
    ProcessTable table = ready_workers({1});
    Policy policy = wanted(1);
    policy.stop = Stop{SIGTERM, at(30s)};
    record(table, SignalWorker{1, SIGTERM, SignalReason::server_stopping}, policy, at(0s));
    policy.stop = Stop{SIGQUIT, at(7s)};
    CHECK(plan(table, policy, at(5s)) == Actions{SignalWorker{1, SIGQUIT, SignalReason::server_stopping}});
    record(table, SignalWorker{1, SIGQUIT, SignalReason::server_stopping}, policy, at(5s));
    CHECK(plan(table, policy, at(6s)).empty());
    CHECK(plan(table, policy, at(7s)) == Actions{SignalWorker{1, SIGKILL, SignalReason::stops_too_long}});
}

TEST_CASE("a worker that was stopping before the server is told too, and keeps its earlier deadline") {
    ProcessTable table = ready_workers({1});
    table.mark_stopping(1, 0, at(10s));  // max_requests
    Policy policy = wanted(1);
    policy.stop = Stop{SIGTERM, at(30s)};
    CHECK(plan(table, policy, at(5s)) == Actions{SignalWorker{1, SIGTERM, SignalReason::server_stopping}});
    record(table, SignalWorker{1, SIGTERM, SignalReason::server_stopping}, policy, at(5s));
    CHECK(plan(table, policy, at(10s)) == Actions{SignalWorker{1, SIGKILL, SignalReason::stops_too_long}});
}

TEST_CASE("a failure to boot does not change a stop that has begun") {
    ProcessTable table;
    table.add(worker(1));
    table.record_exit(1, exited(3), at(0s));
    Policy policy = wanted(1);
    policy.stop = Stop{SIGTERM, at(30s)};
    CHECK(plan(table, policy, at(0s)).empty());
}

TEST_CASE("record notes what each signal does") {
    ProcessTable table = ready_workers({1, 2, 3});
    Policy policy = wanted(3);
    policy.graceful_timeout = 20s;
    record(table, {1, SIGABRT, SignalReason::timed_out}, policy, at(5s));
    record(table, {2, SIGKILL, SignalReason::stops_too_long}, policy, at(5s));
    record(table, {3, SIGTERM, SignalReason::surplus}, policy, at(5s));
    record(table, {4, SIGTERM, SignalReason::surplus}, policy, at(5s));  // gone meanwhile
    CHECK(table.find(1)->state == WorkerState::aborted);
    CHECK(table.find(1)->aborted_at == at(5s));
    CHECK(table.find(2)->state == WorkerState::killed);
    CHECK(table.find(3)->state == WorkerState::stopping);
    CHECK(table.find(3)->stop_deadline == at(25s));
    CHECK(table.size() == 3);
}

// --- failures to boot -----------------------------------------------------------------------------------------------------

TEST_CASE("a worker that fails to boot ends the server with its code") {  // Gunicorn: reap_workers, HaltServer
    struct Case {
        int code;
        StopServer expected;
    };
    for (const Case& c : {Case{3, {3, "Worker failed to boot."}}, Case{4, {4, "App failed to load."}}}) {
        ProcessTable table;
        table.add(worker(1));
        table.record_exit(1, exited(c.code), at(0s));
        CHECK(plan(table, wanted(1), at(0s)) == Actions{c.expected});
    }
}

TEST_CASE("of several failures to boot the first counts, but one with a reason goes before one without") {
    ProcessTable table;
    for (pid_t pid = 1; pid <= 4; ++pid) table.add(worker(pid));
    table.record_exit(1, SIGSEGV, at(0s));
    CHECK(plan(table, wanted(4), at(0s)) == spawns(1));
    table.record_exit(2, exited(4), at(0s));
    table.record_exit(3, exited(3), at(0s));
    CHECK(plan(table, wanted(4), at(0s)) == Actions{StopServer{4, "App failed to load."}});
    CHECK(table.boot_failure(1) == BootFailure{1, 2, 4});
}

TEST_CASE("code 3 of a worker that was ready, or was told to stop, is an ordinary end") {
    ProcessTable table = ready_workers({1});
    table.add(worker(2));
    table.mark_stopping(2, SIGTERM, at(30s));
    table.record_exit(1, exited(3), at(60s));
    table.record_exit(2, exited(3), at(60s));
    CHECK(plan(table, wanted(1), at(60s)) == spawns(1));
}

TEST_CASE("with retry a failure to boot is one more crash at boot") {
    ProcessTable table;
    table.add(worker(1));
    table.record_exit(1, exited(3), at(1s));
    Policy policy = wanted(1);
    policy.on_boot_failure = OnBootFailure::retry;
    CHECK(plan(table, policy, at(1s)) == spawns(1));
    CHECK(table.crash_rounds(at(1s)).count == 1);
}

// --- crash loops ----------------------------------------------------------------------------------------------------------

TEST_CASE("the pause after failed starts begins with none and doubles up to its longest") {
    const Backoff backoff;
    const std::vector<Duration> expected{0ms, 0ms, 100ms, 200ms, 400ms, 800ms, 1600ms, 2s, 2s};
    for (unsigned rounds = 0; rounds < expected.size(); ++rounds) CHECK(backoff.delay(rounds) == expected[rounds]);
    CHECK(backoff.delay(1'000'000) == 2s);
}

TEST_CASE("crashes at boot delay the next spawn, later each time") {
    ProcessTable table;
    const Policy policy = wanted(1);
    Duration now = 0s;
    pid_t pid = 0;
    for (const Duration pause : {Duration(0s), Duration(100ms), Duration(200ms), Duration(400ms)}) {
        table.add(worker(++pid, now));
        now += 10ms;
        table.record_exit(pid, SIGSEGV, at(now));
        if (pause > 0s) CHECK(plan(table, policy, at(now + pause - 1ms)).empty());
        CHECK(plan(table, policy, at(now + pause)) == spawns(1));
        CHECK(next_wakeup(table, policy, at(now)) == pause);
        now += pause;
    }
}

TEST_CASE("workers that meet the same error together are one round") {
    ProcessTable table;
    for (pid_t pid = 1; pid <= 8; ++pid) table.add(worker(pid, 0s));
    for (pid_t pid = 1; pid <= 8; ++pid) table.record_exit(pid, exited(1), at(pid * 10ms));
    CHECK(table.crash_rounds(at(80ms)).count == 1);
    CHECK(plan(table, wanted(8), at(80ms)) == spawns(8));
}

TEST_CASE("a worker that became ready and lived ends the back-off") {
    ProcessTable table;
    const Policy policy = wanted(2);
    table.add(worker(1, 0s));
    table.record_exit(1, exited(1), at(0s));
    table.add(worker(2, 0s));
    table.record_exit(2, exited(1), at(1s));
    CHECK(table.crash_rounds(at(1s)).count == 2);

    table.add(worker(3, 1100ms));
    CHECK(table.crash_rounds(at(60s)).count == 2);  // not ready
    table.mark_ready(3, at(60s));
    CHECK(table.crash_rounds(at(61s)).count == 2);  // not for long
    CHECK(table.crash_rounds(at(62s)).count == 0);
    table.record_exit(3, SIGSEGV, at(70s));
    CHECK(table.crash_rounds(at(70s)).count == 0);
    CHECK(plan(table, policy, at(70s)) == spawns(2));
}

TEST_CASE("workers that have served since before the crashes do not end the back-off") {
    ProcessTable table = ready_workers({1});
    table.add(worker(2, 100s));
    table.record_exit(2, exited(1), at(100s));
    table.add(worker(3, 100s));
    table.record_exit(3, exited(1), at(101s));
    CHECK(table.crash_rounds(at(200s)).count == 2);
}

TEST_CASE("only an abnormal end soon after the start is a failed start") {
    struct Case {
        const char* what;
        bool ready;
        Duration ends;
        int status;
        unsigned rounds;
    };
    for (const Case& c :
         {Case{"leaves before it is ready", false, 5s, kExit0, 1},
          Case{"crashes before it is ready, late", false, 60s, SIGSEGV, 1},
          Case{"crashes soon after it is ready", true, 1s, SIGSEGV, 1},
          Case{"fails soon after it is ready", true, 1s, exited(1), 1}, Case{"crashes later", true, 2s, SIGSEGV, 0},
          Case{"has had its max_requests soon", true, 1ms, kExit0, 0}}) {
        INFO(c.what);
        ProcessTable table;
        table.add(worker(1));
        if (c.ready) table.mark_ready(1, at(0s));
        CHECK(table.record_exit(1, c.status, at(c.ends)).has_value());
        CHECK(table.crash_rounds(at(c.ends)).count == c.rounds);
    }
}

TEST_CASE("the end of a worker that was told to stop is never a failed start, killed or not") {
    ProcessTable table;
    table.add(worker(1));
    table.mark_stopping(1, SIGTERM, at(0s));
    table.mark_killed(1);
    table.record_exit(1, SIGKILL, at(0s));
    CHECK(table.crash_rounds(at(0s)).count == 0);
    CHECK_FALSE(table.boot_failure(1).has_value());
}

TEST_CASE("a fork that fails delays the next one") {
    ProcessTable table;
    table.record_spawn_failure(at(0s));
    CHECK(plan(table, wanted(1), at(0s)) == spawns(1));
    table.record_spawn_failure(at(0s));
    CHECK(plan(table, wanted(1), at(99ms)).empty());
    CHECK(plan(table, wanted(1), at(100ms)) == spawns(1));
}

TEST_CASE("a crash loop in which nothing serves ends the server where a limit is set") {
    ProcessTable table;
    Policy policy = wanted(1);
    policy.crash_limit = 2;
    table.record_spawn_failure(at(0s));
    CHECK(plan(table, policy, at(0s)) == spawns(1));
    table.record_spawn_failure(at(1s));
    CHECK(plan(table, policy, at(1s)) == Actions{StopServer{3, "Worker failed to boot."}});
    policy.wanted = 0;
    CHECK(plan(table, policy, at(1s)).empty());

    ProcessTable serving = ready_workers({1});
    serving.record_spawn_failure(at(10s));
    serving.record_spawn_failure(at(11s));
    policy.wanted = 2;
    CHECK(plan(serving, policy, at(20s)) == spawns(1));
}

TEST_CASE("the end of an unknown process changes nothing") {
    ProcessTable table = ready_workers({1});
    CHECK_FALSE(table.record_exit(99, exited(3), at(0s)).has_value());
    CHECK(plan(table, wanted(1), at(0s)).empty());
}

// --- sleeping -------------------------------------------------------------------------------------------------------------

TEST_CASE("the master sleeps until something is due, a second at most") {
    ProcessTable table = ready_workers({1});
    CHECK(next_wakeup(table, wanted(1), at(0s)) == 1s);
    CHECK(next_wakeup(table, wanted(2), at(0s)) == 0s);  // a spawn is due
    CHECK(next_wakeup(table, with_timeout(30s), at(29900ms)) == 100ms + 1ns);
    table.mark_stopping(1, SIGTERM, at(10s));
    CHECK(next_wakeup(table, wanted(0), at(9700ms)) == 300ms);
    Policy stopping = wanted(1);
    stopping.stop = Stop{SIGTERM, at(5s)};
    CHECK(next_wakeup(table, stopping, at(4600ms)) == 400ms);
    table.mark_killed(1);
    CHECK(next_wakeup(table, stopping, at(6s)) == 1s);
}

/// A model of the whole: processes that obey signals, and time that jumps from wake-up to wake-up as the master's does.
struct Model {
    ProcessTable table;
    Policy policy = wanted(4);
    Duration now = 0s;
    pid_t last_pid = 0;
    std::size_t served_least = 99;
    std::deque<std::pair<Duration, std::function<void()>>> agenda;  // sorted by time

    void schedule(Duration when, std::function<void()> what) {
        const auto place = std::find_if(agenda.begin(), agenda.end(), [&](const auto& entry) { return entry.first > when; });
        agenda.emplace(place, when, std::move(what));
    }
    void spawn(std::uint64_t generation) {
        WorkerRow row = worker(++last_pid, now, generation);
        row.age = table.take_age();
        row.slot = *table.free_slot(64);
        table.add(row);
        schedule(now + 300ms, [this, pid = row.pid] { table.mark_ready(pid, at(now)); });
    }
    void act(const Action& action) {
        if (const auto* spawned = std::get_if<SpawnWorker>(&action)) spawn(spawned->generation);
        const auto* signal = std::get_if<SignalWorker>(&action);
        if (signal == nullptr) return;
        record(table, *signal, policy, at(now));
        const Duration obeys = signal->signo == SIGKILL ? 1ms : 700ms;
        schedule(now + obeys, [this, pid = signal->pid] { table.record_exit(pid, kExit0, at(now)); });
    }
    std::size_t serving() const {
        return static_cast<std::size_t>(std::count_if(table.rows().begin(), table.rows().end(),
                                                      [](const WorkerRow& row) { return row.state == WorkerState::ready; }));
    }
    void run_until(Duration end, bool watch = false) {
        while (now < end) {
            settle(policy, table);
            for (int round = 0;; ++round) {
                REQUIRE(round < 10);  // acting on a plan leads to rest
                const Actions actions = plan(table, policy, at(now));
                if (actions.empty()) break;
                for (const Action& action : actions) act(action);
            }
            if (watch) served_least = std::min(served_least, serving());
            const Duration wake = now + next_wakeup(table, policy, at(now));
            REQUIRE(wake > now);  // no spinning
            now = agenda.empty() ? wake : std::min(wake, std::max(agenda.front().first, now));
            while (!agenda.empty() && agenda.front().first <= now) {
                const auto due = std::move(agenda.front().second);
                agenda.pop_front();
                due();
            }
            for (const WorkerRow& row : std::vector<WorkerRow>(table.rows())) table.mark_beat(row.pid, at(now));
        }
    }
};

TEST_CASE("a reload in the model of time never serves with fewer workers than before") {
    Model model;
    model.policy.timeout = 30s;
    model.run_until(5s);
    CHECK(model.serving() == 4);
    for (const std::uint64_t generation : {2, 3}) {
        begin_trial(model.policy, generation, Fallback{generation - 1, 4});
        model.run_until(model.now + 25s, /*watch=*/true);
        CHECK(model.served_least == 4);
        CHECK(model.table.size() == 4);
        for (const WorkerRow& row : model.table.rows()) CHECK(row.generation == generation);
        CHECK(!is_replacing(model.table, model.policy));
    }
    CHECK(model.last_pid == 12);
}

TEST_CASE("a stop in the model of time ends with an empty table") {
    Model model;
    model.run_until(2s);
    model.policy.stop = Stop{SIGTERM, at(model.now + 30s)};
    model.run_until(4s);
    CHECK(model.table.empty());
}

TEST_CASE("TTOU lets the oldest go, TTIN brings another, in the model of time") {
    Model model;
    model.run_until(2s);
    model.policy.wanted = one_less(model.policy.wanted);
    model.run_until(4s);
    CHECK(model.table.find(1) == nullptr);
    CHECK(model.table.size() == 3);
    model.policy.wanted = one_more(model.policy.wanted);
    model.run_until(6s);
    CHECK(model.table.find(5) != nullptr);
    CHECK(model.table.size() == 4);
    CHECK(model.table.find(5)->slot == 0);  // of the one that went
}

}  // namespace
}  // namespace gunicorn::server
