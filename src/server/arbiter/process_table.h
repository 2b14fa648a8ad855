#pragma once
// What the master knows about its workers. Pure: no clock, no system call, no log; `plan` decides from it, the arbiter acts.

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "gateway/log_sink.h"

namespace gunicorn::server {

/// Exit codes of a worker that mean something to the master (Gunicorn: Arbiter.WORKER_BOOT_ERROR, APP_LOAD_ERROR).
inline constexpr int kWorkerBootError = 3;
inline constexpr int kAppLoadError = 4;

enum class WorkerState {
    booting,   ///< forked, not serving yet
    ready,     ///< serves
    stopping,  ///< was told to stop, or stops by itself (max_requests): finishes what it has
    aborted,   ///< was silent too long and got SIGABRT
    killed,    ///< got SIGKILL; only its exit status is awaited
};

struct WorkerRow {
    pid_t pid = 0;
    std::uint64_t age = 0;         ///< unique and increasing in the life of a master: the smallest is the oldest
    std::size_t slot = 0;          ///< in the scoreboard
    std::uint64_t generation = 0;  ///< of the configuration it was forked with
    /// How long it may be silent, by the settings it was forked with; unset: as the policy says. 0: for ever.
    std::optional<Duration> timeout;
    std::optional<Duration> boot_timeout;  ///< the same until it is ready
    WorkerState state = WorkerState::booting;
    TimePoint spawned_at{};
    TimePoint last_beat{};                   ///< starts as spawned_at
    std::optional<TimePoint> ready_at;       ///< set once, stays
    std::optional<TimePoint> aborted_at;     ///< of the SIGABRT
    std::optional<TimePoint> stop_deadline;  ///< a stopping worker is killed from here on
    int stop_signal = 0;                     ///< the last signal that told it to stop; 0 when it stops by itself

    bool operator==(const WorkerRow&) const = default;
};

/// A worker that ended before it was ready, without having been told to.
struct BootFailure {
    std::uint64_t generation = 0;
    pid_t pid = 0;
    int code = 0;  ///< exit code; 128 + signal when a signal ended it

    [[nodiscard]] bool is_reported() const noexcept { return code == kWorkerBootError || code == kAppLoadError; }
    bool operator==(const BootFailure&) const = default;
};

/// Workers that ended soon after they were forked. Rounds, not workers: all that were forked before the round's first end
/// count once, so that eight workers meeting the same error are one round.
struct CrashRounds {
    unsigned count = 0;
    TimePoint last{};  ///< the end that began the last round

    bool operator==(const CrashRounds&) const = default;
};

class ProcessTable {
public:
    /// The rows, oldest first.
    [[nodiscard]] const std::vector<WorkerRow>& rows() const noexcept { return rows_; }
    [[nodiscard]] const WorkerRow* find(pid_t pid) const noexcept;
    [[nodiscard]] std::size_t size() const noexcept { return rows_.size(); }
    [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }

    /// The age of the next worker; each call gives another one (Gunicorn: worker_age).
    [[nodiscard]] std::uint64_t take_age() noexcept { return ++last_age_; }
    [[nodiscard]] std::uint64_t last_age() const noexcept { return last_age_; }

    /// The lowest slot below `slots` that no row has. The rows of killed workers keep theirs until they are reaped.
    [[nodiscard]] std::optional<std::size_t> free_slot(std::size_t slots) const;

    /// A worker was forked. Its age is one of take_age(), its pid in no other row; last_beat becomes spawned_at.
    void add(WorkerRow row);
    /// fork() itself failed: delays the next attempt as a crash at boot does.
    void record_spawn_failure(TimePoint now);

    // Each ignores a pid that is not (any more) in the table.
    void mark_ready(pid_t pid, TimePoint now);
    /// Never moves backwards.
    void mark_beat(pid_t pid, TimePoint at);
    /// `signo` 0: by itself. A deadline that is already earlier stays. Aborted and killed workers stay what they are.
    void mark_stopping(pid_t pid, int signo, TimePoint deadline);
    void mark_aborted(pid_t pid, TimePoint now);
    void mark_killed(pid_t pid);

    /// Takes a reaped worker out and notes what its end says about booting; `status` is waitpid's. Nothing for a strange
    /// pid. `stable_after`: a worker that served this long was no failed start, however it ended.
    std::optional<WorkerRow> record_exit(pid_t pid, int status, TimePoint now,
                                         Duration stable_after = default_stable_after());

    /// The first failure to boot in a generation; one with code 3 or 4 goes before one without.
    [[nodiscard]] std::optional<BootFailure> boot_failure(std::uint64_t generation) const;
    /// Of every generation; the rounds of failed starts as well: a code that was tried and given up is no crash loop.
    void forget_boot_failures() noexcept {
        boot_failures_.clear();
        crashes_ = {};
    }

    /// The rounds of failed starts until now; a worker forked since the last one that has served for `stable_after` ends
    /// them.
    [[nodiscard]] CrashRounds crash_rounds(TimePoint now, Duration stable_after = default_stable_after()) const;

    [[nodiscard]] static constexpr Duration default_stable_after() { return std::chrono::seconds(2); }

private:
    WorkerRow* find_row(pid_t pid) noexcept;
    void note_boot_failure(const BootFailure& failure);
    void count_crash(TimePoint spawned_at, TimePoint now, Duration stable_after);

    std::vector<WorkerRow> rows_;
    std::uint64_t last_age_ = 0;
    std::vector<BootFailure> boot_failures_;  // one a generation
    CrashRounds crashes_;
};

/// What Gunicorn's reap_workers says about an end, with its level.
struct ExitReport {
    gateway::LogLevel level = gateway::LogLevel::info;
    std::string text;  ///< "Worker (pid:7) exited with code 3."; "Worker (pid:7) was sent SIGKILL! Perhaps out of memory?"

    bool operator==(const ExitReport&) const = default;
};
/// Nothing for exit code 0. `status` is waitpid's.
[[nodiscard]] std::optional<ExitReport> describe_exit(pid_t pid, int status);

}  // namespace gunicorn::server
