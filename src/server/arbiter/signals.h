#pragma once
// The master's signals as bytes in a pipe: a handler writes one byte, the main loop polls and reads.

#include <csignal>
#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/sys.h"

namespace gunicorn::server {

/// One at a time in a process: handlers find the pipe through the one global of this project. Native handlers without
/// SA_RESTART, so that poll() in the main loop ends.
class SignalPipe {
public:
    /// HUP QUIT INT TERM TTIN TTOU USR1 USR2 WINCH CHLD (Gunicorn: Arbiter.SIGNALS and CHLD). After daemonizing: only the
    /// process that installs them is served.
    static Result<std::unique_ptr<SignalPipe>> install();

    SignalPipe(const SignalPipe&) = delete;
    SignalPipe& operator=(const SignalPipe&) = delete;
    /// As restore().
    ~SignalPipe();

    /// Readable when a signal arrived. -1 after restore().
    [[nodiscard]] int fd() const noexcept { return pipe_.read_end.get(); }

    /// The signals that came since the last call, in order of arrival; CHLD at most once, at its first place.
    [[nodiscard]] std::vector<int> drain();

    /// The handlers are ours again, whatever has taken them since install().
    void claim() noexcept;

    /// Every handler back to SIG_DFL, the pipe closed. **Fork**: a child calls it first of all, with signals blocked since
    /// before the fork (BlockedSignals): what is sent to the child then never reaches the master's pipe and is never lost.
    void restore() noexcept;

private:
    explicit SignalPipe(sys::Pipe pipe) : pipe_(std::move(pipe)) {}

    sys::Pipe pipe_;
};

/// Blocks every signal of this thread while it lives; then the mask is as before.
class [[nodiscard]] BlockedSignals {
public:
    BlockedSignals() noexcept;
    BlockedSignals(const BlockedSignals&) = delete;
    BlockedSignals& operator=(const BlockedSignals&) = delete;
    ~BlockedSignals();

private:
    sigset_t before_;
};

/// While it lives, each signal that stops the server, and the end of `limit` (zero: none), has the handler call `interrupt`
/// in the middle of what the main thread runs, again every second once the limit has passed. One at a time; the SignalPipe
/// is installed. `interrupt` must be async-signal-safe.
class [[nodiscard]] Interruptible {
public:
    Interruptible(void (*interrupt)(), Duration limit);
    Interruptible(const Interruptible&) = delete;
    Interruptible& operator=(const Interruptible&) = delete;
    ~Interruptible();

    [[nodiscard]] bool is_late() const noexcept;

private:
    std::optional<timer_t> timer_;
};

/// Makes a process of ours write its Python stacks to where it was told (python::dump_stack_on).
[[nodiscard]] int stack_signal() noexcept;

/// "term" for SIGTERM, as in "Handling signal: term"; "35" for a number without a name.
[[nodiscard]] std::string signal_name(int signo);

}  // namespace gunicorn::server
