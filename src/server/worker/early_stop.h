#pragma once
// Signals to a worker that has no handlers of its own yet. Were SIGTERM to end it there, a server that stops while its only
// worker boots would leave requests in the backlog; were SIGUSR1 ignored, it would write to a log that was rotated away.

namespace gunicorn::server {

/// In the child of a fork, before anything else, signals blocked: from now on SIGTERM and SIGUSR1 are remembered. A program
/// that the worker executes gets the default action again (execve(2)).
void remember_early_signals() noexcept;

/// Whether SIGTERM came. Once Python's handlers are installed the answer does not change.
bool was_stopped_early() noexcept;

/// The same for SIGUSR1.
bool was_told_to_reopen_early() noexcept;

}  // namespace gunicorn::server
