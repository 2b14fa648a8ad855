#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace gunicorn::app {

/// How a watched process ended.
struct Watched {
    int status = 1;         ///< what it answered
    bool finished = false;  ///< the body came to its end; else something ended the process with that status
    int signal = 0;         ///< what ended it, when it did not end by itself
    bool timed_out = false;
    std::string stack;  ///< Python's stack when time was up, innermost frame first, as faulthandler writes it
    std::optional<std::string> failure;  ///< it could not be started
};

/// What runs in a watched process and around its fork.
struct WatchedTask {
    /// Answers the status. It should have Python's stack written to the descriptor at server::stack_signal()
    /// (python::dump_stack_on).
    std::function<int(int stack_fd)> body;
    /// Ends the process with that status, without waiting for threads. Plain _exit when empty.
    std::function<void(int status)> leave = {};
    /// Around the fork where Python is running already: PyOS_BeforeFork and its two counterparts.
    std::function<void()> before_fork = {};
    std::function<void()> after_fork_in_parent = {};
    std::function<void()> after_fork_in_child = {};
};

/// Runs the task in a child of its own and ends it after `limit` (zero: never). No process that it leaves behind survives,
/// and none of it survives the signals that end this process: INT, TERM and HUP take effect once everything is cleaned up.
Watched run_watched(const WatchedTask& task, std::chrono::seconds limit);

/// In the child: it ends with its parent. To be said again after every change of the user id, which takes it back.
void die_with_parent(pid_t parent) noexcept;

}  // namespace gunicorn::app
