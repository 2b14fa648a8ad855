#pragma once
// What a worker says when it dies of a fault: SIGSEGV, SIGBUS, SIGFPE, SIGILL, or SIGABRT of its own making. The request and
// the native stack go to the error log; then the handler that was there before is called, which is faulthandler's and writes
// the Python stacks; the process dies of the same signal.

#include "server/worker/scoreboard.h"

namespace gunicorn::server {

/// Once in a process: handlers find what they need in globals. **Fork**: in the worker; processes that its application forks
/// inherit it. `fd` and `slot` outlive the process' life as a worker. Where a sanitizer reports faults, they stay its own.
void report_crashes(int fd, const WorkerSlot& slot) noexcept;

/// After Worker.init_signals: SIGABRT that somebody else sends goes to the handler that was installed there, abort() does
/// not.
void keep_reporting_aborts() noexcept;

/// For threads that serve no signals: blocks all but those of faults, which would kill without a word.
void block_signals_but_faults() noexcept;

}  // namespace gunicorn::server
