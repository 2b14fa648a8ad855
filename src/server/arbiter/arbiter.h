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
#include "server/arbiter/daemonize.h"
#include "server/arbiter/generation.h"
#include "server/arbiter/last_failure.h"
#include "server/arbiter/master_metrics.h"
#include "server/arbiter/pidfile.h"
#include "server/arbiter/plan.h"
#include "server/arbiter/process_table.h"
#include "server/arbiter/reload.h"
#include "server/arbiter/sd_notify.h"
#include "server/arbiter/server_statistics.h"
#include "server/arbiter/signals.h"
#include "server/arbiter/start_context.h"
#include "server/arbiter/upgrade.h"
#include "server/log/access_log.h"
#include "server/status/status_server.h"
#include "server/worker/scoreboard.h"

namespace gunicorn::server {

/// What the master is given. All outlive it.
struct ArbiterServices {
    gateway::ForkObserver* fork_observer = nullptr;
    gateway::WorkerRuntime* runtime = nullptr;
    hooks::Invoker* invoker = nullptr;
    gateway::InterpreterLock* lock = nullptr;  ///< of the main thread
    GenerationLoader* loader = nullptr;
    const StartContext* start = nullptr;
    Duration check_limit{0};   ///< of the check before a reload; zero: none
    Daemon* daemon = nullptr;  ///< null: the server runs in the foreground
    std::string python_version;
};

/// The master: opens the listeners, keeps the wanted number of workers running, and handles signals. It decides in plan()
/// and acts here. One native thread; the GIL is held except while it sleeps.
class Arbiter final : public gateway::MasterControl, public gateway::MasterSteps {
public:
    Arbiter(std::unique_ptr<Generation> generation, const ArbiterServices& services);

    /// Gunicorn: Arbiter.run. Answers the exit status of this process; in a worker's process that is the worker's, and
    /// is_worker() is true.
    int run();
    [[nodiscard]] bool is_worker() const noexcept { return is_worker_; }

    // gateway::MasterControl
    [[nodiscard]] std::vector<gateway::WorkerFacts> workers() const override;
    [[nodiscard]] std::vector<gateway::ListenerFacts> listeners() const override;
    [[nodiscard]] gateway::MasterPids other_masters() const override;
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
    [[nodiscard]] Generation& generation() noexcept { return reload_.generation(); }
    [[nodiscard]] const Generation& generation() const noexcept { return reload_.generation(); }
    [[nodiscard]] gateway::LogSink& log() noexcept { return reload_.log(); }
    Result<void> start();
    void tell_addresses();
    void take_runtime_settings();
    void follow_settings(std::size_t wanted);
    void tell_watchers();
    void watch_configuration();
    void begin_reload();
    Result<void> prepare_generation();
    void go_back(std::size_t wanted, const std::string& reason);
    void abandon_reload(const std::string& reason);
    [[nodiscard]] std::string describe(const BootFailure& failure) const;
    Result<void> call_pre_fork(std::uint64_t generation, std::uint64_t age);
    Result<void> write_pidfile();
    void settle_pidfile();
    void restore_pidfile();
    Result<Listener> open_listener(const Address& address, const ListenerOptions& options, InheritedSockets& inherited);
    Result<void> open_status_listener();
    void tell_status_address();
    [[nodiscard]] std::vector<int> status_fds() const;
    [[nodiscard]] std::string why_not_ready() const;
    [[nodiscard]] WorkerStatus status_of(const WorkerRow& row, TimePoint now) const;
    [[nodiscard]] ServerStatus status() const;
    Result<void> loop();
    Result<void> act(const Action& action);
    Result<void> apply_plan(bool signals_only);
    Result<void> have_somebody_serve();
    int run_as_worker(std::uint64_t age, std::size_t slot);
    void read_scoreboard(TimePoint now);
    void on_exit(pid_t pid, int status);
    void reap_strangers();
    bool begin_drain();
    [[nodiscard]] Duration drain_left() const;
    void begin_stop(int signo, Duration grace);
    void send(const SignalWorker& order);
    void sleep(Duration most);
    void halt();
    void reopen_logs();
    void follow_upgrade();

    ArbiterServices services_;
    std::unique_ptr<SignalPipe> signals_;
    std::optional<Scoreboard> scoreboard_;
    std::optional<Pidfile> pidfile_;
    std::optional<Pidfile> former_pidfile_;  // while a reload that moves it can be undone
    UniqueFd news_;                          // eventfd: a worker is ready, or leaves
    sys::Pipe alive_;                        // only this process has the write end: workers see its end
    ProcessTable table_;
    Policy policy_;
    Reload reload_;
    ServiceNotifier notifier_;
    MasterMetrics metrics_;
    Upgrade upgrade_;
    ServerStatistics statistics_;
    StatusServer status_server_{[this](std::string_view path) { return status_answer(path, [this] { return status(); }); }};
    ConfigWatch config_watch_;
    std::optional<std::uint64_t> spawning_;  // of which generation; unset: of the wanted one
    std::vector<int> posted_signals_;
    std::optional<int> exit_status_;
    std::optional<TimePoint> drain_until_;  // TERM came, and drain_delay is not over
    std::string stop_reason_;
    std::optional<LastFailure> last_failure_;
    bool is_worker_ = false;
};

}  // namespace gunicorn::server
