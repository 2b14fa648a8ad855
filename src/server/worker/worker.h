#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "base/result.h"
#include "base/sys.h"
#include "gateway/log_sink.h"
#include "gateway/master_control.h"
#include "gateway/worker_runtime.h"
#include "server/arbiter/daemonize.h"
#include "server/arbiter/generation.h"
#include "server/log/access_log.h"
#include "server/worker/boot_journey.h"
#include "server/worker/engine.h"
#include "server/worker/memory_limit.h"
#include "server/worker/reloader.h"
#include "server/worker/scoreboard.h"

namespace gunicorn::server {

class QueuedDispatch;

/// What a worker gets from its master. All outlive it.
struct WorkerContext {
    Generation* generation = nullptr;
    std::uint64_t age = 0;
    WorkerSlot* slot = nullptr;
    int news = -1;          ///< eventfd that wakes the master
    int master_alive = -1;  ///< read end of a pipe that only the master can write: end of file means it died
    gateway::LogSink* log = nullptr;
    AccessLog* access_log = nullptr;  ///< null: none
    gateway::WorkerRuntime* runtime = nullptr;
    hooks::Invoker* invoker = nullptr;
    std::size_t wanted_workers = 1;  ///< wsgi.multiprocess
    std::string worker_class;        ///< "sync" or "gthread"
    Daemon* daemon = nullptr;        ///< null: the server runs in the foreground
};

/// The life of one worker process, from its fork to its exit status. GIL held by the caller, before and after.
class Worker final : public gateway::WorkerControl {
public:
    explicit Worker(const WorkerContext& context) : context_(context) {}

    /// Gunicorn: the child's half of Arbiter.spawn_worker. Answers the exit status: 0, 3 when it could not boot, 4 when the
    /// application was not found, 255 after a failure while serving, or what SystemExit said.
    int run();

    // gateway::WorkerControl; any Python thread.
    [[nodiscard]] bool is_alive() const override { return !stopping_.load(std::memory_order_relaxed); }
    void stop() override;
    void notify() override { context_.slot->beat(Clock::now()); }
    void reopen_logs() override;
    [[nodiscard]] std::uint64_t requests() const override { return context_.slot->requests(); }

private:
    /// What the way from fork to ready made.
    struct Booted {
        std::unique_ptr<gateway::TlsChannelFactory> tls_channels;  // of the engine's connections
        std::unique_ptr<gateway::Application> application;
        std::unique_ptr<gateway::AccessSink> python_access_log;
        std::unique_ptr<Engine> engine;  // its connections may hold responses of the application: they go first
        std::unique_ptr<EventLoop::Watch> wakeup_watch;  // in the engine's loop: they go before it
        std::unique_ptr<EventLoop::Watch> master_watch;
        std::unique_ptr<EventLoop::Watch> reloader_watch;
    };
    Result<Booted> boot();
    void enter(BootStep step);
    Result<void> survived(Result<void> outcome);
    Result<void> load_application(Booted& booted, const gateway::ApplicationOptions& options);
    void look_for_changes(gateway::InterpreterLock& lock);
    Result<void> serve_inline(Booted& booted);
    Result<void> serve_queued(Booted& booted);
    void run_engine_thread(Booted& booted);
    Result<void> watch_master(Booted& booted);
    Result<void> start_engine_thread(Booted& booted, QueuedDispatch& dispatch, std::thread& thread);
    Result<void> watch_signals(gateway::InterpreterLock& lock, QueuedDispatch& dispatch);
    void log_overdue(QueuedDispatch& dispatch);
    void announce(SlotState state);
    void drain(Engine& engine);
    [[nodiscard]] Engine::Backlog backlog_of(std::size_t index) const;
    void count_responses(Engine& engine);
    Result<void> limit_memory();
    void look_at_memory(Engine& engine);
    void end_with(int status);
    void wake_main();
    int exit_status_of(const Error& error);
    Result<void> open_own_listeners();
    void take_runtime_settings();
    void send_last_metrics();
    void leave();
    [[nodiscard]] Duration heartbeat_wait() const;

    WorkerContext context_;
    std::uint64_t own_listeners_ = 0;  // 1 << index: reuse_port
    BootStep step_ = BootStep::post_fork;
    std::unique_ptr<Reloader> reloader_;       // null without `reload`
    std::optional<std::string> boot_failure_;  // of the user's code, while `reload` waits for an edit of it
    sys::Pipe wakeup_;                         // bytes of signal.set_wakeup_fd, and of wake_main()
    UniqueFd engine_wake_;                     // eventfd: the engine's thread looks at the flags
    std::atomic<Engine*> engine_{nullptr};     // while it serves
    std::atomic<bool> stopping_{false};
    std::atomic<bool> reopen_{false};
    std::atomic<bool> engine_done_{false};
    std::atomic<bool> engine_quit_{false};
    std::atomic<int> exit_status_{-1};
    enum class Draining { no, alone, with_the_server } draining_ = Draining::no;  // the engine's thread
    bool threads_left_ = false;
    std::uint64_t responses_ = 0;
    std::uint64_t most_responses_ = 0;  // 0: no limit
    MemoryLimit memory_;                // the engine's thread
};

}  // namespace gunicorn::server
