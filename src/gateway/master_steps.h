#pragma once

#include <sys/types.h>

#include <cstdint>

#include "base/result.h"

namespace gunicorn::gateway {

/// The steps of the master's loop that a Python subclass of Arbiter may override. At start each one is bound to the native
/// implementation, or to a Python override that may call back into it. GIL held in all of them.
class MasterSteps {
public:
    virtual ~MasterSteps() = default;
    /// Gunicorn: Arbiter.manage_workers. Spawns and stops until the wanted number runs.
    virtual Result<void> manage_workers() = 0;
    /// Gunicorn: Arbiter.murder_workers. Aborts and kills workers whose heartbeat is too old.
    virtual Result<void> murder_workers() = 0;
    /// Gunicorn: Arbiter.reap_workers.
    virtual Result<void> reap_workers() = 0;
    /// Gunicorn: Arbiter.spawn_worker. In the child it does not return.
    virtual Result<pid_t> spawn_worker() = 0;
    /// Gunicorn: Arbiter.kill_worker.
    virtual Result<void> kill_worker(pid_t pid, int signo) = 0;
    /// Gunicorn: Arbiter.handle_<name>, for the signals the master queues.
    virtual Result<void> handle_signal(int signo) = 0;
};

}  // namespace gunicorn::gateway
