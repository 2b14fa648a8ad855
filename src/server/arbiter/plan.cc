#include "server/arbiter/plan.h"

#include <algorithm>
#include <csignal>

namespace gunicorn::server {
namespace {

constexpr Duration kTick = std::chrono::seconds(1);

bool is_serving(const WorkerRow& row) { return row.state == WorkerState::booting || row.state == WorkerState::ready; }

/// Counts as one of the wanted workers. An aborted one does until it is reaped: Gunicorn replaces it then.
bool is_worker(const WorkerRow& row) { return is_serving(row) || row.state == WorkerState::aborted; }

/// A signal that time brings about, and when.
struct Due {
    SignalWorker action;
    TimePoint at;
};

std::optional<Due> silence_due(const WorkerRow& row, const Policy& policy) {
    const bool is_aborted = row.state == WorkerState::aborted;
    const Duration timeout = row.timeout.value_or(policy.timeout);
    const Duration boot_timeout = row.boot_timeout.value_or(policy.boot_timeout.value_or(timeout));
    const Duration limit = row.ready_at ? timeout : boot_timeout;
    if (limit == Duration::zero() && !is_aborted) return std::nullopt;
    const TimePoint silent_at = row.last_beat + limit + Duration(1);  // "older than"
    if (!is_aborted) return Due{{row.pid, SIGABRT, SignalReason::timed_out}, silent_at};
    return Due{{row.pid, SIGKILL, SignalReason::still_silent}, std::max(silent_at, *row.aborted_at + policy.abort_grace)};
}

std::optional<Due> deadline_due(const WorkerRow& row, const Policy& policy) {
    std::optional<TimePoint> deadline = row.stop_deadline;
    if (policy.stop) deadline = deadline ? std::min(*deadline, policy.stop->deadline) : policy.stop->deadline;
    if (!deadline) return std::nullopt;
    return Due{{row.pid, SIGKILL, SignalReason::stops_too_long}, *deadline};
}

std::optional<Due> due(const WorkerRow& row, const Policy& policy) {
    switch (row.state) {
        case WorkerState::killed: return std::nullopt;
        case WorkerState::stopping: return deadline_due(row, policy);
        case WorkerState::booting:
        case WorkerState::ready: return policy.stop ? deadline_due(row, policy) : silence_due(row, policy);
        case WorkerState::aborted: break;
    }
    // Whichever comes first: an aborted worker may have been told to stop as well.
    const std::optional<Due> silence = silence_due(row, policy);
    const std::optional<Due> deadline = deadline_due(row, policy);
    if (!silence || !deadline) return silence ? silence : deadline;
    return silence->at <= deadline->at ? silence : deadline;
}

/// Who goes and how many come, as if nothing were due by time.
struct Staffing {
    std::vector<SignalWorker> leaving;
    std::vector<SpawnWorker> coming;
};

Staffing staff(const ProcessTable& workers, const Policy& policy) {
    std::size_t current = 0;  // of the wanted generation
    std::size_t current_ready = 0;
    std::size_t others = 0;  // of any other
    std::size_t fallbacks = 0;
    bool is_booting = false;
    for (const WorkerRow& row : workers.rows()) {
        if (!is_worker(row)) continue;
        if (policy.fallback && row.generation == policy.fallback->generation) ++fallbacks;
        if (row.generation != policy.generation) {
            ++others;
            continue;
        }
        ++current;
        if (row.state == WorkerState::ready) ++current_ready;
        if (row.state == WorkerState::booting) is_booting = true;
    }

    Staffing staffing;
    const auto excess = [](std::size_t have, std::size_t keep) { return have > keep ? have - keep : 0; };
    std::size_t surplus = excess(current, policy.wanted);
    std::size_t replaced = excess(others, excess(policy.wanted, current_ready));
    for (const WorkerRow& row : workers.rows()) {  // oldest first
        if (!is_serving(row)) continue;
        std::size_t& left = row.generation == policy.generation ? surplus : replaced;
        if (left == 0) continue;
        --left;
        staffing.leaving.push_back(
            {row.pid, SIGTERM, row.generation == policy.generation ? SignalReason::surplus : SignalReason::replaced});
    }

    const auto spawn = [&](std::uint64_t generation, std::size_t count) {
        staffing.coming.insert(staffing.coming.end(), count, SpawnWorker{generation});
    };
    const bool is_trial = policy.fallback && current_ready == 0;
    std::size_t missing = is_trial ? 0 : excess(policy.wanted, current + others);
    const bool may_boot_one = current < policy.wanted && !is_booting && (others > 0 || is_trial);
    if (missing == 0 && may_boot_one) missing = 1;
    if (is_trial) spawn(policy.fallback->generation, excess(policy.fallback->wanted, fallbacks));
    spawn(policy.generation, missing);
    staffing.coming.resize(std::min(staffing.coming.size(), excess(policy.slots, workers.size())));
    return staffing;
}

TimePoint spawn_at(const ProcessTable& workers, const Policy& policy, TimePoint now) {
    const CrashRounds crashes = workers.crash_rounds(now, policy.backoff.stable_after);
    return crashes.count == 0 ? now : crashes.last + policy.backoff.delay(crashes.count);
}

std::optional<Action> judge_failures(const ProcessTable& workers, const Policy& policy, TimePoint now) {
    if (const auto failure = workers.boot_failure(policy.generation)) {
        if (policy.fallback) return AbandonGeneration{*failure};
        if (failure->is_reported() && policy.on_boot_failure == OnBootFailure::stop_server) {
            return StopServer{failure->code,
                              failure->code == kAppLoadError ? "App failed to load." : "Worker failed to boot."};
        }
    }
    if (policy.crash_limit == 0 || policy.wanted == 0) return std::nullopt;
    const bool serves = std::any_of(workers.rows().begin(), workers.rows().end(), [](const WorkerRow& row) {
        return row.state == WorkerState::ready || row.state == WorkerState::stopping;
    });
    if (serves || workers.crash_rounds(now, policy.backoff.stable_after).count < policy.crash_limit) return std::nullopt;
    return StopServer{kWorkerBootError, "Worker failed to boot."};
}

}  // namespace

Duration Backoff::delay(unsigned rounds) const noexcept {
    if (rounds <= 1) return Duration::zero();
    Duration delay = first;
    for (unsigned i = 2; i < rounds && delay < longest; ++i) delay *= 2;
    return std::min(delay, longest);
}

std::vector<Action> plan(const ProcessTable& workers, const Policy& policy, TimePoint now) {
    std::vector<Action> actions;
    if (!policy.stop) {
        if (auto verdict = judge_failures(workers, policy, now)) return {*verdict};
    }

    std::vector<pid_t> signalled;
    for (const WorkerRow& row : workers.rows()) {
        const std::optional<Due> event = due(row, policy);
        if (!event || event->at > now) continue;
        actions.emplace_back(event->action);
        signalled.push_back(row.pid);
    }
    const auto signal = [&](const SignalWorker& action) {
        // One signal a worker and call: the harder one.
        if (std::find(signalled.begin(), signalled.end(), action.pid) == signalled.end()) actions.emplace_back(action);
    };

    if (policy.stop) {
        for (const WorkerRow& row : workers.rows()) {
            if (row.state == WorkerState::killed || row.stop_signal == policy.stop->signo) continue;
            signal({row.pid, policy.stop->signo, SignalReason::server_stopping});
        }
        return actions;
    }

    const Staffing staffing = staff(workers, policy);
    for (const SignalWorker& leaving : staffing.leaving) signal(leaving);
    if (!staffing.coming.empty() && spawn_at(workers, policy, now) <= now) {
        actions.insert(actions.end(), staffing.coming.begin(), staffing.coming.end());
    }
    return actions;
}

void record(ProcessTable& workers, const SignalWorker& sent, const Policy& policy, TimePoint now) {
    switch (sent.signo) {
        case SIGABRT: workers.mark_aborted(sent.pid, now); break;
        case SIGKILL: workers.mark_killed(sent.pid); break;
        default:
            workers.mark_stopping(sent.pid, sent.signo, policy.stop ? policy.stop->deadline : now + policy.graceful_timeout);
    }
}

Duration next_wakeup(const ProcessTable& workers, const Policy& policy, TimePoint now) {
    if (!plan(workers, policy, now).empty()) return Duration::zero();
    Duration wait = kTick;
    for (const WorkerRow& row : workers.rows()) {
        if (const std::optional<Due> event = due(row, policy)) wait = std::min(wait, event->at - now);
    }
    if (!policy.stop && !staff(workers, policy).coming.empty()) {
        wait = std::min(wait, spawn_at(workers, policy, now) - now);
    }
    return wait;
}

void begin_trial(Policy& policy, std::uint64_t generation, const Fallback& running) {
    policy.generation = generation;
    if (policy.wanted > 0) policy.fallback = running;
}

void go_back(Policy& policy, ProcessTable& workers) {
    policy.generation = policy.fallback->generation;
    policy.wanted = policy.fallback->wanted;
    policy.fallback.reset();
    workers.forget_boot_failures();
}

bool settle(Policy& policy, const ProcessTable& workers) {
    const bool is_proved = std::any_of(workers.rows().begin(), workers.rows().end(), [&policy](const WorkerRow& row) {
        return row.generation == policy.generation && row.state == WorkerState::ready;
    });
    if (!policy.fallback || (!is_proved && policy.wanted > 0)) return false;
    policy.fallback.reset();
    return true;
}

bool is_replacing(const ProcessTable& workers, const Policy& policy) {
    return policy.fallback || std::any_of(workers.rows().begin(), workers.rows().end(), [&policy](const WorkerRow& row) {
               return is_worker(row) && row.generation != policy.generation;
           });
}

}  // namespace gunicorn::server
