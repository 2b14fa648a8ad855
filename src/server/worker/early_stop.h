#pragma once
// SIGTERM to a worker that has no handlers of its own yet. Were it to end there, a server that stops while its only worker
// boots would leave requests in the backlog.

namespace gunicorn::server {

/// In the child of a fork, before anything else, signals blocked: from now on SIGTERM is remembered. A program that the
/// worker executes gets the default action again (execve(2)).
void remember_early_stop() noexcept;

/// Whether it came. Once Python's handlers are installed the answer does not change.
bool was_stopped_early() noexcept;

}  // namespace gunicorn::server
