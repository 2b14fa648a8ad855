#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/sys.h"
#include "gateway/fork_observer.h"
#include "gateway/interpreter_lock.h"
#include "gateway/log_sink.h"
#include "gateway/master_control.h"
#include "gateway/master_steps.h"
#include "gateway/worker_runtime.h"
#include "server/arbiter/config_watch.h"
#include "server/arbiter/generation.h"
#include "server/arbiter/pidfile.h"
#include "server/arbiter/plan.h"
#include "server/arbiter/process_table.h"
#include "server/arbiter/reload.h"
#include "server/arbiter/signals.h"
#include "server/log/access_log.h"
#include "server/worker/scoreboard.h"

namespace gunicorn::server {

/// What the master is given. All outlive it.
struct ArbiterServices {
    gateway::ForkObserver* fork_observer = nullptr;
    gateway::WorkerRuntime* runtime = nullptr;
    hooks::Invoker* invoker = nullptr;
    gateway::InterpreterLock* lock = nullptr;  ///< of the main thread
    gateway::LogSink* log = nullptr;
    AccessLog* access_log = nullptr;  ///< null: none. Opened by the master, written by the workers
    std::string worker_class;         ///< "sync", "gthread"
};

/// The master: opens the listeners, keeps the wanted number of workers running, and handles signals. It decides in plan()
/// and acts here. One native thread; the GIL is held except while it sleeps.
class Arbiter final : public gateway::MasterControl, public gateway::MasterSteps {
public:
    Arbiter(Generation& generation, const ArbiterServices& services);

    /// Gunicorn: Arbiter.run. Answers the exit status of this process; in a worker's process that is the worker's, and
    /// is_worker() is true.
    int run();
    [[nodiscard]] bool is_worker() const noexcept { return is_worker_; }

    // gateway::MasterControl
    [[nodiscard]] std::vector<gateway::WorkerFacts> workers() const override;
    [[nodiscard]] std::vector<gateway::ListenerFacts> listeners() const override;
    [[nodiscard]] int worker_count() const override { return static_cast<int>(policy_.wanted); }
    Result<void> set_worker_count(int count) override;
    Result<void> signal_worker(pid_t pid, int signo) override { return kill_worker(pid, signo); }
    void post_signal(int signo) override { posted_signals_.push_back(signo); }

    // gateway::MasterSteps, native.
    Result<void> manage_workers() override;
    Result<void> murder_workers() override;
    Result<void> reap_workers() override;
    Result<pid_t> spawn_worker() override;
    Result<void> kill_worker(pid_t pid, int signo) override;
    Result<void> handle_signal(int signo) override;

private:
    Result<void> start();
    void take_runtime_settings();
    void watch_configuration();
    void begin_reload();
    Result<std::unique_ptr<TlsContext>> prepare_reload();
    void abandon_reload(const BootFailure& failure);
    Result<void> open_listeners();
    Result<Listener> open_listener(const Address& address);
    Result<void> loop();
    Result<void> act(const Action& action);
    Result<void> apply_plan(bool signals_only);
    int run_as_worker(std::uint64_t age, std::size_t slot);
    void read_scoreboard(TimePoint now);
    void on_exit(pid_t pid, int status);
    void reap_strangers();
    void close_listeners();
    void begin_stop(int signo, Duration grace);
    void send(const SignalWorker& order);
    void sleep(Duration most);
    void halt();
    void reopen_logs();

    Generation& generation_;
    ArbiterServices services_;
    std::unique_ptr<SignalPipe> signals_;
    std::optional<Scoreboard> scoreboard_;
    std::optional<Pidfile> pidfile_;
    sys::Pipe alive_;  // only this process has the write end: workers see its end
    ProcessTable table_;
    Policy policy_;
    Reload reload_;
    ConfigWatch config_watch_;
    std::optional<std::uint64_t> spawning_;  // of which generation; unset: of the wanted one
    std::vector<int> posted_signals_;
    std::optional<int> exit_status_;
    std::string stop_reason_;
    bool is_worker_ = false;
};

}  // namespace gunicorn::server
