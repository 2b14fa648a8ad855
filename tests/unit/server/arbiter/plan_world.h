#pragma once
// What the tests of plan() are written with: workers and policies of a few words.

#include <algorithm>
#include <csignal>
#include <initializer_list>
#include <ostream>
#include <vector>

#include "server/arbiter/plan.h"

namespace gunicorn::server {

// For messages of failed checks.
inline std::ostream& operator<<(std::ostream& out, const Action& action) {
    if (const auto* spawn = std::get_if<SpawnWorker>(&action)) return out << "spawn of generation " << spawn->generation;
    if (const auto* signal = std::get_if<SignalWorker>(&action)) {
        return out << "signal " << signal->signo << " to " << signal->pid << " for reason "
                   << static_cast<int>(signal->reason);
    }
    if (const auto* stop = std::get_if<StopServer>(&action)) return out << "stop " << stop->exit_code << ' ' << stop->reason;
    const auto& failure = std::get<AbandonGeneration>(action).failure;
    return out << "abandon " << failure.generation << " pid " << failure.pid << " code " << failure.code;
}

namespace plan_world {

using namespace std::chrono_literals;
using Actions = std::vector<Action>;

constexpr int kExit0 = 0;
constexpr int exited(int code) { return code << 8; }

inline TimePoint at(Duration since_start) { return TimePoint(1000s) + since_start; }

inline WorkerRow worker(pid_t pid, Duration spawned = 0s, std::uint64_t generation = 1) {
    WorkerRow row;
    row.pid = pid;
    row.age = static_cast<std::uint64_t>(pid);  // tests add them in order
    row.slot = static_cast<std::size_t>(pid);
    row.generation = generation;
    row.spawned_at = at(spawned);
    return row;
}

/// Ready workers with these pids, oldest first.
inline ProcessTable ready_workers(std::initializer_list<pid_t> pids, std::uint64_t generation = 1) {
    ProcessTable table;
    for (const pid_t pid : pids) {
        table.add(worker(pid, 0s, generation));
        table.mark_ready(pid, at(0s));
    }
    return table;
}

inline Policy wanted(std::size_t workers) {
    Policy policy;
    policy.wanted = workers;
    policy.generation = 1;
    return policy;
}

inline Policy with_timeout(Duration timeout, std::size_t workers = 1) {
    Policy policy = wanted(workers);
    policy.timeout = timeout;
    return policy;
}

inline Actions spawns(std::size_t count, std::uint64_t generation = 1) { return Actions(count, SpawnWorker{generation}); }

}  // namespace plan_world
}  // namespace gunicorn::server
