#include "server/arbiter/server_statistics.h"

#include <sys/wait.h>

#include <csignal>

namespace gunicorn::server {
namespace {

ExitCause cause_of(SignalReason order) {
    switch (order) {
        case SignalReason::surplus: return ExitCause::scale_down;
        case SignalReason::replaced: return ExitCause::reload;
        case SignalReason::timed_out:
        case SignalReason::still_silent: return ExitCause::timeout;
        case SignalReason::stops_too_long: return ExitCause::signal;  // whoever told it to stop was not the plan
        case SignalReason::server_stopping: return ExitCause::server_stop;
    }
    return ExitCause::signal;
}

std::optional<ExitCause> cause_of(LeaveReason leaving) {
    switch (leaving) {
        case LeaveReason::none: return std::nullopt;
        case LeaveReason::max_requests: return ExitCause::max_requests;
        case LeaveReason::memory: return ExitCause::memory;
        case LeaveReason::code_changed: return ExitCause::code_changed;
    }
    return std::nullopt;
}

bool is_fault(int signo) {
    return signo == SIGSEGV || signo == SIGBUS || signo == SIGILL || signo == SIGFPE || signo == SIGABRT ||
           signo == SIGSYS || signo == SIGTRAP;
}

}  // namespace

std::string_view name_of(ExitCause cause) noexcept {
    switch (cause) {
        case ExitCause::max_requests: return "max_requests";
        case ExitCause::memory: return "memory";
        case ExitCause::code_changed: return "code_changed";
        case ExitCause::reload: return "reload";
        case ExitCause::scale_down: return "scale_down";
        case ExitCause::timeout: return "timeout";
        case ExitCause::boot_failure: return "boot_failure";
        case ExitCause::crash: return "crash";
        case ExitCause::signal: return "signal";
        case ExitCause::server_stop: return "server_stop";
    }
    return {};
}

ExitCause exit_cause(const WorkerRow& row, std::optional<SignalReason> order, LeaveReason leaving, int status) {
    if (const auto own = cause_of(leaving)) return *own;
    if (order) return cause_of(*order);
    if (WIFSIGNALED(status) && is_fault(WTERMSIG(status))) return row.ready_at ? ExitCause::crash : ExitCause::boot_failure;
    if (row.stop_deadline || (WIFSIGNALED(status) && row.ready_at)) return ExitCause::signal;
    if (!row.ready_at) return ExitCause::boot_failure;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? ExitCause::signal : ExitCause::crash;
}

void ServerStatistics::note_order(const SignalWorker& order) { orders_.emplace(order.pid, order.reason); }

void ServerStatistics::note_exit(const WorkerRow& row, const WorkerSlot& slot, int status) {
    requests_ += slot.request_counters().totals();
    accepted_ += slot.accepted_connections();
    const auto found = orders_.find(row.pid);
    const auto order = found == orders_.end() ? std::nullopt : std::optional(found->second);
    ++exits_[static_cast<std::size_t>(exit_cause(row, order, slot.leave_reason(), status))];
    orders_.erase(row.pid);
}

std::vector<NamedCount> ServerStatistics::exits() const {
    std::vector<NamedCount> counts;
    for (std::size_t i = 0; i < kExitCauses; ++i) counts.emplace_back(name_of(static_cast<ExitCause>(i)), exits_[i]);
    return counts;
}

std::int64_t ServerStatistics::started_at() const noexcept {
    return std::chrono::duration_cast<std::chrono::seconds>(started_at_.time_since_epoch()).count();
}

}  // namespace gunicorn::server
