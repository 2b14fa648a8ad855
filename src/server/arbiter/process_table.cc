#include "server/arbiter/process_table.h"

#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <cstring>

#include <fmt/format.h>

#include "base/assert.h"

namespace gunicorn::server {
namespace {

/// Whatever happened to it since: only mark_stopping sets a deadline.
bool was_told_to_end(const WorkerRow& row) { return row.stop_deadline.has_value(); }

bool served_for(const WorkerRow& row, Duration time, TimePoint now) { return row.ready_at && now - *row.ready_at >= time; }

}  // namespace

const WorkerRow* ProcessTable::find(pid_t pid) const noexcept {
    const auto at = std::find_if(rows_.begin(), rows_.end(), [pid](const WorkerRow& row) { return row.pid == pid; });
    return at == rows_.end() ? nullptr : &*at;
}

WorkerRow* ProcessTable::find_row(pid_t pid) noexcept { return const_cast<WorkerRow*>(find(pid)); }

std::optional<std::size_t> ProcessTable::free_slot(std::size_t slots) const {
    for (std::size_t slot = 0; slot < slots; ++slot) {
        if (std::none_of(rows_.begin(), rows_.end(), [slot](const WorkerRow& row) { return row.slot == slot; })) return slot;
    }
    return std::nullopt;
}

void ProcessTable::add(WorkerRow row) {
    GN_ASSERT(find(row.pid) == nullptr, "a pid has one row");
    GN_ASSERT(rows_.empty() || rows_.back().age < row.age, "workers are added in the order of their ages");
    row.last_beat = row.spawned_at;
    rows_.push_back(row);
}

void ProcessTable::record_spawn_failure(TimePoint now) { count_crash(now, now, default_stable_after()); }

void ProcessTable::mark_ready(pid_t pid, TimePoint now) {
    WorkerRow* row = find_row(pid);
    if (row == nullptr) return;
    if (!row->ready_at) row->ready_at = now;
    if (row->state == WorkerState::booting) row->state = WorkerState::ready;
}

void ProcessTable::mark_beat(pid_t pid, TimePoint at) {
    if (WorkerRow* row = find_row(pid)) row->last_beat = std::max(row->last_beat, at);
}

void ProcessTable::mark_stopping(pid_t pid, int signo, TimePoint deadline) {
    WorkerRow* row = find_row(pid);
    if (row == nullptr) return;
    if (signo != 0) row->stop_signal = signo;
    row->stop_deadline = row->stop_deadline ? std::min(*row->stop_deadline, deadline) : deadline;
    if (row->state == WorkerState::booting || row->state == WorkerState::ready) row->state = WorkerState::stopping;
}

void ProcessTable::mark_aborted(pid_t pid, TimePoint now) {
    WorkerRow* row = find_row(pid);
    if (row == nullptr || row->state == WorkerState::killed) return;
    row->state = WorkerState::aborted;
    if (!row->aborted_at) row->aborted_at = now;
}

void ProcessTable::mark_killed(pid_t pid) {
    if (WorkerRow* row = find_row(pid)) row->state = WorkerState::killed;
}

std::optional<WorkerRow> ProcessTable::record_exit(pid_t pid, int status, TimePoint now, Duration stable_after) {
    const auto at = std::find_if(rows_.begin(), rows_.end(), [pid](const WorkerRow& row) { return row.pid == pid; });
    if (at == rows_.end()) return std::nullopt;
    const WorkerRow row = *at;
    // Before the row goes: if it served long, the rounds end with it.
    crashes_ = crash_rounds(now, stable_after);
    rows_.erase(at);
    if (was_told_to_end(row)) return row;

    const int code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    if (!row.ready_at) note_boot_failure({row.generation, row.pid, code});
    // A worker that was ready and leaves with 0 has had its max_requests.
    const bool failed_start = !row.ready_at || (code != 0 && !served_for(row, stable_after, now));
    if (failed_start) count_crash(row.spawned_at, now, stable_after);
    return row;
}

std::optional<BootFailure> ProcessTable::boot_failure(std::uint64_t generation) const {
    for (const BootFailure& failure : boot_failures_) {
        if (failure.generation == generation) return failure;
    }
    return std::nullopt;
}

void ProcessTable::note_boot_failure(const BootFailure& failure) {
    for (BootFailure& known : boot_failures_) {
        if (known.generation != failure.generation) continue;
        if (failure.is_reported() && !known.is_reported()) known = failure;
        return;
    }
    boot_failures_.push_back(failure);
}

CrashRounds ProcessTable::crash_rounds(TimePoint now, Duration stable_after) const {
    const bool recovered = std::any_of(rows_.begin(), rows_.end(), [&](const WorkerRow& row) {
        return row.spawned_at >= crashes_.last && served_for(row, stable_after, now);
    });
    return recovered ? CrashRounds{} : crashes_;
}

void ProcessTable::count_crash(TimePoint spawned_at, TimePoint now, Duration stable_after) {
    crashes_ = crash_rounds(now, stable_after);
    if (crashes_.count > 0 && spawned_at < crashes_.last) return;  // of a round that was counted
    ++crashes_.count;
    crashes_.last = now;
}

std::optional<ExitReport> describe_exit(pid_t pid, int status) {
    using gateway::LogLevel;
    if (WIFSIGNALED(status)) {
        const int signo = WTERMSIG(status);
        const char* name = ::sigabbrev_np(signo);
        const std::string signal = name != nullptr ? fmt::format("SIG{}", name) : fmt::format("code {}", signo);
        const char* hint = signo == SIGKILL ? " Perhaps out of memory?" : "";
        const LogLevel level = signo == SIGKILL ? LogLevel::error : signo == SIGTERM ? LogLevel::info : LogLevel::warning;
        return ExitReport{level, fmt::format("Worker (pid:{}) was sent {}!{}", pid, signal, hint)};
    }
    const int code = WEXITSTATUS(status);
    if (code == 0) return std::nullopt;
    return ExitReport{LogLevel::error, fmt::format("Worker (pid:{}) exited with code {}.", pid, code)};
}

}  // namespace gunicorn::server
