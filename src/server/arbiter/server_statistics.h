#pragma once
// What the master counts over the life of the server: for the status listener.

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "server/arbiter/plan.h"
#include "server/arbiter/process_table.h"
#include "server/status/server_status.h"
#include "server/worker/scoreboard.h"

namespace gunicorn::server {

enum class ExitCause {
    max_requests,
    memory,        ///< max_worker_memory
    code_changed,  ///< `reload`
    reload,        ///< HUP replaced it
    scale_down,    ///< fewer are wanted
    timeout,       ///< it was silent for too long
    boot_failure,  ///< it ended before it was ready
    crash,         ///< a fault, or an exit with another code than 0
    signal,        ///< somebody else told it to end, or killed it (out of memory)
    server_stop,
};
inline constexpr std::size_t kExitCauses = static_cast<std::size_t>(ExitCause::server_stop) + 1;
[[nodiscard]] std::string_view name_of(ExitCause cause) noexcept;

/// `row` as it was before the end; `order`: why the master told it to end, when it did; `status` is waitpid's.
[[nodiscard]] ExitCause exit_cause(const WorkerRow& row, std::optional<SignalReason> order, LeaveReason leaving, int status);

class ServerStatistics {
public:
    /// The master signals a worker, or kills it.
    void note_order(const SignalWorker& order);
    void note_spawn() noexcept { ++spawned_; }
    /// A worker was reaped; its slot has not been claimed again.
    void note_exit(const WorkerRow& row, const WorkerSlot& slot, int status);

    // Of workers that have gone.
    [[nodiscard]] const RequestTotals& requests() const noexcept { return requests_; }
    [[nodiscard]] std::uint64_t accepted_connections() const noexcept { return accepted_; }
    [[nodiscard]] std::vector<NamedCount> exits() const;

    [[nodiscard]] std::uint64_t spawned() const noexcept { return spawned_; }
    [[nodiscard]] TimePoint started() const noexcept { return started_; }
    /// Seconds since 1970.
    [[nodiscard]] std::int64_t started_at() const noexcept;

private:
    TimePoint started_ = Clock::now();
    WallClock::time_point started_at_ = WallClock::now();
    RequestTotals requests_;
    std::uint64_t accepted_ = 0;
    std::uint64_t spawned_ = 0;
    std::array<std::uint64_t, kExitCauses> exits_{};
    std::map<pid_t, SignalReason> orders_;  // the first one of each worker that is still there
};

}  // namespace gunicorn::server
