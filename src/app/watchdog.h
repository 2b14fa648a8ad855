#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace gunicorn::app {

/// How a watched process ended.
struct Watched {
    int status = 1;                  ///< what it answered
    bool finished = false;           ///< the body came to its end; else something ended the process with that status
    int signal = 0;                  ///< what ended it, when it did not end by itself
    bool timed_out = false;
    std::string stack;               ///< Python's stack when time was up, innermost frame first, as faulthandler writes it
    std::optional<std::string> failure;  ///< it could not be started
};

/// Runs `body` in a child of its own, with a descriptor on which the child should register its stack dump
/// (python::dump_stack_on(kStackSignal, fd)), and ends it after `limit` (zero: never). No process that it leaves behind
/// survives. No Python may run yet, since it forks.
/// Python threads do not keep the child alive: after the body it ends through `leave`.
Watched run_watched(const std::function<int(int stack_fd)>& body, const std::function<void(int status)>& leave,
                    std::chrono::seconds limit);

/// The real-time signal that asks the child for its stack.
[[nodiscard]] int stack_signal() noexcept;

}  // namespace gunicorn::app
