#pragma once
// What Python code in the master may ask of the native arbiter: the commands behind gunicorn.arbiter.Arbiter.

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace gunicorn::gateway {

struct WorkerFacts {
    pid_t pid = 0;
    std::uint64_t age = 0;
};

struct ListenerFacts {
    int fd = -1;
    std::string text;  ///< "http://127.0.0.1:8000"
};

/// The other masters while an upgrade (USR2) is under way; 0 where there is none.
struct MasterPids {
    pid_t successor = 0;    ///< server.reexec_pid
    pid_t predecessor = 0;  ///< server.master_pid
};

/// Called from the master's main thread only, GIL held; none of it blocks. In a worker the numbers are those at its fork.
class MasterControl {
public:
    virtual ~MasterControl() = default;
    [[nodiscard]] virtual std::vector<WorkerFacts> workers() const = 0;
    [[nodiscard]] virtual std::vector<ListenerFacts> listeners() const = 0;
    [[nodiscard]] virtual MasterPids other_masters() const = 0;
    [[nodiscard]] virtual int worker_count() const = 0;
    /// Sets the number of wanted workers (at least 0); calls nworkers_changed.
    virtual Result<void> set_worker_count(int count) = 0;
    /// Sends a signal to one of our workers; ErrorKind::not_found for any other pid.
    virtual Result<void> signal_worker(pid_t pid, int signo) = 0;
    /// Handles a signal as if it had been received (server.signal in embedders).
    virtual void post_signal(int signo) = 0;
};

/// What Python code in a worker may ask of it: behind gunicorn.workers.base.Worker. Any Python thread, GIL held; none
/// blocks.
class WorkerControl {
public:
    virtual ~WorkerControl() = default;
    [[nodiscard]] virtual bool is_alive() const = 0;
    /// Stop accepting, finish what is in flight, leave the loop.
    virtual void stop() = 0;
    /// The heartbeat: proof that Python runs.
    virtual void notify() = 0;
    /// Reopens the native logs (USR1).
    virtual void reopen_logs() = 0;
    [[nodiscard]] virtual std::uint64_t requests() const = 0;
};

}  // namespace gunicorn::gateway
