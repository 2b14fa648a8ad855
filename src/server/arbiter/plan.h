#pragma once
// What the master does next, as a pure function: no clock, no system call, no log. Same inputs, same actions.
//
//   for (const Action& action : plan(table, policy, now)) act(action);   // act forks, signals, and tells the table (record)
//   poll(..., next_wakeup(table, policy, now));

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "server/arbiter/process_table.h"

namespace gunicorn::server {

/// How long the next spawn waits after failed starts: not at all after the first round, then `first`, doubling up to
/// `longest`.
struct Backoff {
    Duration first = std::chrono::milliseconds(100);
    Duration longest = std::chrono::seconds(2);
    /// A worker that served this long was a good start.
    Duration stable_after = ProcessTable::default_stable_after();

    [[nodiscard]] Duration delay(unsigned rounds) const noexcept;
    bool operator==(const Backoff&) const = default;
};

/// What exit codes 3 and 4 of a worker that never was ready mean.
enum class OnBootFailure {
    stop_server,  ///< as Gunicorn: the server ends with that code
    retry,        ///< as any other crash at boot: try again, later each time
};

/// The server is ending. Workers get `signo` (TERM: finish, QUIT: now) and SIGKILL from `deadline` on. Changing either while
/// workers are stopping reaches them too: INT during a graceful stop makes it a quick one.
struct Stop {
    int signo = 0;
    TimePoint deadline{};
    bool operator==(const Stop&) const = default;
};

/// What serves while a new generation tries to boot, and again if it cannot. A worker of Policy::generation that ends before
/// it is ready, whatever its exit code, gives AbandonGeneration instead of StopServer or another attempt.
struct Fallback {
    std::uint64_t generation = 0;
    std::size_t wanted = 1;
};

struct Policy {
    std::size_t wanted = 1;            ///< workers; 0 is allowed (WINCH)
    std::uint64_t generation = 0;      ///< that workers should have; those of any other are replaced one by one
    std::optional<Fallback> fallback;  ///< set while a reload can still be undone
    OnBootFailure on_boot_failure = OnBootFailure::stop_server;
    /// This many rounds of failed starts while nothing serves end the server with code 3. 0: never.
    unsigned crash_limit = 0;

    Duration timeout{0};                   ///< of the heartbeat; 0: never
    std::optional<Duration> boot_timeout;  ///< the same until a worker is ready; unset: `timeout`; 0: never
    Duration graceful_timeout = std::chrono::seconds(30);
    Duration abort_grace = std::chrono::seconds(1);  ///< from SIGABRT to SIGKILL: a tick of Gunicorn's murder_workers
    Backoff backoff;
    std::size_t slots = std::numeric_limits<std::size_t>::max();  ///< no more processes than this at any time

    std::optional<Stop> stop;
};

struct SpawnWorker {
    std::uint64_t generation = 0;
    bool operator==(const SpawnWorker&) const = default;
};

enum class SignalReason {
    surplus,          ///< more workers than wanted: the oldest goes (Gunicorn: manage_workers)
    replaced,         ///< of another generation, and its successor is ready
    timed_out,        ///< SIGABRT: no heartbeat (Gunicorn: murder_workers, "WORKER TIMEOUT (pid:N)")
    still_silent,     ///< SIGKILL: no heartbeat after SIGABRT either
    stops_too_long,   ///< SIGKILL: its graceful deadline passed
    server_stopping,  ///< Policy::stop
};

struct SignalWorker {
    pid_t pid = 0;
    int signo = 0;
    SignalReason reason = SignalReason::surplus;
    bool operator==(const SignalWorker&) const = default;
};

/// Begin to stop: set Policy::stop, and exit with `exit_code` when the table is empty. "Reason: <reason>" goes to the log.
struct StopServer {
    int exit_code = 0;
    std::string reason;
    bool operator==(const StopServer&) const = default;
};

/// Go back to Policy::fallback: go_back().
struct AbandonGeneration {
    BootFailure failure;
    bool operator==(const AbandonGeneration&) const = default;
};

using Action = std::variant<SpawnWorker, SignalWorker, StopServer, AbandonGeneration>;

/// The rules, in the order of the answer:
///  - StopServer or AbandonGeneration comes alone; not while stopping.
///  - A heartbeat older than the timeout: SIGABRT; older still `abort_grace` after that: SIGKILL. Stopping workers are
///    judged by their deadline alone: a stop never cuts a request shorter than graceful_timeout says.
///  - Stopping and past the deadline: SIGKILL. A killed worker gets nothing more.
///  - Too many: SIGTERM, oldest first. Stopping and killed workers do not count as workers; aborted ones do until they
///    are reaped.
///  - Workers of another generation go, oldest first, as soon as there are enough ready ones of the wanted generation.
///  - Too few: SpawnWorker for each, unless crashes at boot ask for a pause. While workers of another generation are
///    being replaced, one at a time boots. Until the first of a new generation is ready there is only that one, and what
///    is missing of the fallback's workers is spawned in its generation.
///  - While stopping: every worker that has not had `stop->signo` gets it; nothing is spawned.
[[nodiscard]] std::vector<Action> plan(const ProcessTable& workers, const Policy& policy, TimePoint now);

/// Notes in the table that the signal of an action was sent: aborted, killed, or stopping until now + graceful_timeout.
void record(ProcessTable& workers, const SignalWorker& sent, const Policy& policy, TimePoint now);

/// How long the master may sleep, signals apart: until something can become due, 1 s at most. 0: plan() has an answer.
[[nodiscard]] Duration next_wakeup(const ProcessTable& workers, const Policy& policy, TimePoint now);

/// A reload begins: workers shall be of `generation`, which nobody has seen boot. What runs stays as the fallback until one
/// of them is ready, unless no workers are wanted. Not while is_replacing().
void begin_trial(Policy& policy, std::uint64_t generation, const Fallback& running);
/// What AbandonGeneration asks for. There is a fallback.
void go_back(Policy& policy, ProcessTable& workers);
/// Clears the fallback once a worker of the new generation is ready, or none is wanted any more: from then on there is no
/// way back. True when it did.
bool settle(Policy& policy, const ProcessTable& workers);
/// A reload, or the way back from one, is under way: another one has to wait.
[[nodiscard]] bool is_replacing(const ProcessTable& workers, const Policy& policy);

/// TTIN and TTOU (Gunicorn: handle_ttin, handle_ttou): one more; one less but never less than one.
[[nodiscard]] constexpr std::size_t one_more(std::size_t wanted) noexcept { return wanted + 1; }
[[nodiscard]] constexpr std::size_t one_less(std::size_t wanted) noexcept { return wanted > 1 ? wanted - 1 : wanted; }

}  // namespace gunicorn::server
