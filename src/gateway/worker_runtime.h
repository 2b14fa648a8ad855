#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/settings.gen.h"
#include "gateway/access_sink.h"
#include "gateway/application.h"
#include "gateway/dispatch.h"
#include "gateway/interpreter_lock.h"
#include "gateway/loaded_file.h"
#include "gateway/master_control.h"
#include "gateway/tls_channel.h"
#include "http/header_rules.h"

namespace gunicorn::gateway {

/// SERVER_NAME and SERVER_PORT of a listener, in the order of ConnectionInfo::listener.
struct ServerIdentity {
    std::string name;
    std::string port;
    bool is_unix = false;  ///< the Host header decides where there is one
};

/// What the WSGI bridge needs to know of the worker it runs in.
struct ApplicationOptions {
    std::vector<ServerIdentity> servers;
    http::HeaderPolicy header_policy;
    bool multithread = false;
    bool multiprocess = false;
};

/// The Python side of a worker's life. After the fork, GIL held unless said otherwise.
class WorkerRuntime {
public:
    virtual ~WorkerRuntime() = default;
    /// First of all: the worker object of this process has its pid, and answers through `control`.
    virtual Result<void> begin_worker(std::uint64_t age, WorkerControl& control) = 0;
    /// From now on `stack_signal` has the Python stacks of all threads written to `fd`, even while the interpreter is stuck:
    /// for a worker that is about to be ended. So has a fault, unless the user has asked for that to go elsewhere.
    virtual Result<void> write_stacks_on(int stack_signal, int fd) = 0;
    /// Worker.init_signals; `wakeup_fd` gets a byte for every signal (signal.set_wakeup_fd).
    virtual Result<void> install_signal_handlers(int wakeup_fd) = 0;
    /// What a thread is doing, as lines of a traceback, the most recent call last; empty when there is no such thread.
    /// `ident` is threading.get_ident()'s.
    virtual std::string stack_of_thread(std::uint64_t ident) = 0;
    /// Last of all: Python's signal handlers find no worker any more, and `control` and `wakeup_fd` may go.
    virtual void end_worker() = 0;
    /// TLS by the hook ssl_context, which is called now. An Error names the hook: it raised, or answered something else than
    /// a context.
    virtual Result<std::unique_ptr<TlsChannelFactory>> make_tls_channels() = 0;
    /// worker.booted: it serves from now on.
    virtual void announce_boot() = 0;
    /// The application, through worker.app.wsgi(), so that whoever wraps that is called. With `reload` SystemExit is an
    /// Error of kind `python` as well: nothing that is imported ends the server.
    virtual Result<std::unique_ptr<Application>> load_application(const ApplicationOptions& options) = 0;
    /// Starts a Python thread that runs queue.serve(); it ends when the queue closes. The queue outlives the thread.
    virtual Result<void> start_thread(RequestQueue& queue) = 0;
    /// A lock for the calling thread, which must hold the GIL now.
    virtual std::unique_ptr<InterpreterLock> make_lock() = 0;
    /// Ends the process while application threads still run: atexit functions and flushes, but no finalization of Python,
    /// which would end those threads inside of our frames.
    [[noreturn]] virtual void exit_now(int status) = 0;

    /// What hooks changed with cfg.set() since the last call, judged and with the place of the call as origin, is stored in
    /// `settings`, those of the entered generation. True when anything was. Called at fixed points: after on_starting, after
    /// post_fork, before the worker serves.
    virtual bool take_runtime_settings(config::Settings& settings) = 0;

    /// reload, in the master and its workers: files that the code of this process was made from, without those that it or
    /// its master was told before. After a failure of load_application() also what may mend it.
    virtual std::vector<LoadedFile> take_loaded_files() = 0;

    /// Whether the native logs are written, as far as there are any; else every line goes through the Python logger. Settled
    /// by take_runtime_settings().
    [[nodiscard]] virtual bool logs_natively() const = 0;
    /// The access log of the Python logger; null when that writes none.
    virtual std::unique_ptr<AccessSink> python_access_log() = 0;

    // In the master.
    /// The file handlers of the Python loggers are opened anew (USR1).
    virtual void reopen_python_logs() = 0;
    /// The process title says anew which master this is: the new one of an upgrade, or the only one.
    virtual void retitle_master() = 0;
    /// A worker is about to be forked: its worker object will be made for that generation.
    virtual void worker_planned(std::uint64_t age, std::uint32_t generation) = 0;
    /// A worker was forked: its worker object learns its pid.
    virtual void worker_spawned(std::uint64_t age, int pid) = 0;
    /// A worker is being ended because it was silent for too long: worker.aborted.
    virtual void worker_aborted(std::uint64_t age) = 0;
    /// A worker was reaped, and child_exit has run: its worker object is forgotten.
    virtual void worker_gone(std::uint64_t age) = 0;
};

}  // namespace gunicorn::gateway
