#pragma once

#include <sys/types.h>

#include <functional>

#include "base/result.h"
#include "base/unique_fd.h"
#include "gateway/fork_observer.h"

namespace gunicorn::server {

/// Whether a daemon keeps standard output and standard error (Gunicorn: enable_stdio_inheritance). A terminal never stays.
enum class StandardStreams { closed, inherited };

/// A server in the background. The process that was started, the *starter*, waits until the server serves or has ended, so
/// that whoever started it learns which, and reads until then on standard error what the server says there.
class Daemon {
public:
    /// Gunicorn: util.daemonize. Two forks and a session of its own, standard input and output on /dev/null, and a umask of
    /// 022 at least. Returns in the daemon; the starter ends inside, with what ready() or ended() say, or with 1 when the
    /// server dies without a word. `tell_failure` is called in the starter before it exits with anything but 0.
    ///
    /// GIL held. What is buffered for standard streams has to be written before: the starter leaves by _exit().
    static Result<Daemon> start(gateway::ForkObserver& observer, StandardStreams streams,
                                const std::function<void(int status)>& tell_failure);

    /// The server serves: the starter exits with 0, and standard error goes to /dev/null. Later calls do nothing. A worker
    /// calls it as well when it serves, for its own standard error.
    void ready() noexcept;
    /// The server ends with this status. Does nothing after ready(), and in a worker.
    void ended(int status) noexcept;

private:
    Daemon(UniqueFd starter, StandardStreams streams);

    void tell_starter(int status) noexcept;

    UniqueFd starter_;
    StandardStreams streams_;
    pid_t process_;
};

/// What the starter does: the status that the daemon tells over `daemon`, or 1 when that end is closed without one. Blocks.
[[nodiscard]] int wait_for_daemon(int daemon) noexcept;

}  // namespace gunicorn::server
