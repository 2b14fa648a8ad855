#include "server/arbiter/arbiter.h"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <span>

#include "server/arbiter/bound_listeners.h"
#include "server/arbiter/settings_policy.h"
#include "server/arbiter/timeout_report.h"
#include "server/net/address.h"
#include "server/worker/early_stop.h"
#include "server/worker/engine_options.h"
#include "server/worker/worker.h"

namespace gunicorn::server {
namespace {

using gateway::CountView;
using gateway::ServerView;
using gateway::WorkerView;

constexpr int kBindAttempts = 5;
constexpr auto kBindPause = std::chrono::seconds(1);
constexpr Duration kQuickStop = std::chrono::seconds(2);

}  // namespace

Arbiter::Arbiter(std::unique_ptr<Generation> generation, const ArbiterServices& services)
    : services_(services),
      policy_(policy_of(generation->settings, generation->worker_class)),
      reload_(std::move(generation),
              {services.loader, services.start, services.check_limit, [this] { return upgrade_.is_alone(); }}, policy_,
              table_),
      notifier_(ServiceManager::of_environment(), reload_.log()),
      upgrade_(*services.start, reload_.log(), [this](pid_t pid) { notifier_.main_process(pid); }) {
    policy_.generation = this->generation().number;
}

int Arbiter::run() {
    if (auto started = start(); !started) {
        if (started.error().kind == ErrorKind::system_exit) {
            if (!started.error().message.empty()) log().error(started.error().message);
            exit_status_ = started.error().code;
        } else {
            log().error(started.error().message);
            exit_status_ = 1;
        }
        halt();
        return *exit_status_;
    }
    const auto looped = loop();
    if (is_worker_) return *exit_status_;
    if (!looped) {
        if (looped.error().kind == ErrorKind::system_exit) {
            exit_status_ = looped.error().code;
        } else {
            log().error("Unhandled exception in main loop\n" + looped.error().message);
            exit_status_ = 255;
        }
        for (const WorkerRow& row : table_.rows()) ::kill(row.pid, SIGKILL);
        while (!table_.empty()) {
            static_cast<void>(reap_workers());
            sleep(std::chrono::milliseconds(100));
        }
    }
    halt();
    return exit_status_.value_or(0);
}

Result<void> Arbiter::start() {
    GN_CHECK(generation().hooks.nworkers_changed(ServerView{}, CountView(policy_.wanted), std::nullopt));
    log().info("Starting gunicorn " GN_VERSION);
    if (upgrade_.old_master() != 0) services_.runtime->retitle_master();
    GN_CHECK(write_pidfile());
    GN_CHECK(generation().hooks.on_starting(ServerView{}));
    take_runtime_settings();
    GN_TRY(signals_, SignalPipe::install());
    GN_TRY(Scoreboard board, Scoreboard::create(policy_.slots));
    scoreboard_.emplace(std::move(board));
    GN_TRY(news_, sys::event_fd());
    GN_TRY(alive_, sys::pipe());
    GN_CHECK(reload_.start(*scoreboard_));
    GN_CHECK(upgrade_.adopt_sockets());
    GN_TRY(generation().listeners, bound_listeners(generation().settings, {}, [this](const Address& address) {
               return open_listener(address, listener_options(generation().settings), upgrade_.sockets());
           }));
    GN_CHECK(open_status_listener());
    upgrade_.finish_sockets();
    tell_addresses();
    log().info("Using worker: " + generation().worker_class);
    return generation().hooks.when_ready(ServerView{});
}

void Arbiter::tell_addresses() {
    log().info("Listening at: " + describe_listeners(generation().settings, generation().listeners) + " (" +
               std::to_string(::getpid()) + ")");
}

/// What a hook changed with cfg.set() counts from here on.
void Arbiter::take_runtime_settings() {
    config::Settings& settings = generation().settings;
    if (!services_.runtime->take_runtime_settings(settings)) return;
    generation().hooks = hooks::HookSet(settings, *services_.invoker);
    const bool is_set = settings.origin(config::SettingId::workers).kind == SourceKind::runtime;
    follow_settings(is_set ? policy_of(settings, generation().worker_class).wanted : policy_.wanted);
}

/// Gunicorn: sock.create_sockets. Somebody who is just leaving gets some seconds to let go of the address.
Result<Listener> Arbiter::open_listener(const Address& address, const ListenerOptions& options,
                                        InheritedSockets& inherited) {
    GN_TRY(std::optional<Listener> taken, inherited.take(address, options));
    if (taken) return *std::move(taken);
    for (int attempt = 1;; ++attempt) {
        auto opened = Listener::open_for_master(address, options);
        if (opened || opened.error().code != EADDRINUSE) return opened;
        log().error("Connection in use: " + to_python(address));
        if (attempt == kBindAttempts)
            return failure(ErrorKind::system, "Can't connect to " + to_python(address), EADDRINUSE);
        log().error("Retrying in 1 second.");
        sleep(kBindPause);
        for (const int signo : signals_->drain()) {
            if (signo == SIGTERM || signo == SIGINT || signo == SIGQUIT) return failure(ErrorKind::system_exit, {}, 0);
        }
    }
}

Result<void> Arbiter::loop() {
    for (;;) {
        watch_configuration();
        read_scoreboard(Clock::now());
        GN_CHECK(murder_workers());
        GN_CHECK(manage_workers());
        if (is_worker_) return {};
        if (reload_.advance(Clock::now())) begin_reload();
        settle_pidfile();
        follow_upgrade();
        tell_watchers();
        if (policy_.stop && table_.empty()) return {};
        if (drain_left() == Duration::zero()) {
            begin_stop(SIGTERM, policy_.graceful_timeout);
            continue;
        }
        const TimePoint now = Clock::now();
        sleep(std::min(
            {next_wakeup(table_, policy_, now), drain_left(), notifier_.until_due(now), metrics_.until_due(now)}));
        GN_CHECK(services_.lock->run_signal_handlers());
        std::vector<int> arrived = signals_->drain();  // before the reaping: a CHLD after it wakes the next sleep
        GN_CHECK(reap_workers());
        arrived.insert(arrived.end(), posted_signals_.begin(), posted_signals_.end());
        posted_signals_.clear();
        if (std::ranges::find(arrived, SIGTERM) != arrived.end()) GN_CHECK(have_somebody_serve());
        if (is_worker_) return {};
        for (const int signo : arrived) GN_CHECK(handle_signal(signo));
    }
}

/// Before a stop: when the last worker has just left, its successor serves what waits in the backlog.
Result<void> Arbiter::have_somebody_serve() {
    read_scoreboard(Clock::now());
    const auto serves = [](const WorkerRow& row) {
        return row.state == WorkerState::booting || row.state == WorkerState::ready;
    };
    if (policy_.stop || std::ranges::any_of(table_.rows(), serves)) return {};
    return manage_workers();
}

/// Whoever started the server, and the service manager.
void Arbiter::tell_watchers() {
    const ServiceState state = ServiceState::of(table_, policy_);
    if (services_.daemon != nullptr && state.is_serving()) services_.daemon->ready();
    notifier_.be_silent(!upgrade_.speaks_for_service(policy_.stop.has_value()));
    if (!reload_.is_under_way() && !policy_.stop) notifier_.reloaded(reload_.outcome());
    notifier_.tick(state, Clock::now());
    metrics_.tick(generation(), table_.size(), Clock::now());
}

void Arbiter::sleep(Duration most) {
    const auto ms = std::chrono::ceil<std::chrono::milliseconds>(most).count();
    if (ms <= 0) return;
    const auto [check_output, check_status] = reload_.fds();
    std::vector<pollfd> waits{{signals_->fd(), POLLIN, 0},
                              {news_.get(), POLLIN, 0},
                              {check_output, POLLIN, 0},
                              {check_status, POLLIN, 0},
                              {upgrade_.report_fd(), POLLIN, 0}};
    const std::size_t own = waits.size();
    status_server_.add_polls(status_fds(), Clock::now(), waits);
    services_.lock->drop();
    ::poll(waits.data(), waits.size(), static_cast<int>(ms));
    services_.lock->take();
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = ::read(news_.get(), &count, sizeof count);
    status_server_.serve(std::span(waits).subspan(own), Clock::now());
}

/// What the workers said about themselves since the last look.
void Arbiter::read_scoreboard(TimePoint now) {
    const std::vector<WorkerRow> rows = table_.rows();
    for (const WorkerRow& row : rows) {
        const WorkerSlot& slot = scoreboard_->slot(row.slot);
        table_.mark_beat(row.pid, slot.last_beat());
        const SlotState state = slot.state();
        if (row.state == WorkerState::booting && (state == SlotState::ready || state == SlotState::busy)) {
            table_.mark_ready(row.pid, now);
            // The code has been seen to boot: what fails later must not end a service that runs (Gunicorn ends it).
            policy_.on_boot_failure = OnBootFailure::retry;
        }
        if (state == SlotState::stopping && row.state != WorkerState::stopping) {
            table_.mark_stopping(row.pid, 0, now + policy_.graceful_timeout);
        }
    }
}

Result<void> Arbiter::murder_workers() { return apply_plan(true); }

Result<void> Arbiter::manage_workers() { return apply_plan(false); }

Result<void> Arbiter::apply_plan(bool signals_only) {
    for (const Action& action : plan(table_, policy_, Clock::now())) {
        const auto* order = std::get_if<SignalWorker>(&action);
        const bool is_murder =
            order != nullptr && (order->reason == SignalReason::timed_out || order->reason == SignalReason::still_silent ||
                                 order->reason == SignalReason::stops_too_long);
        if (is_murder != signals_only) continue;
        GN_CHECK(act(action));
        if (is_worker_) return {};
    }
    return {};
}

Result<void> Arbiter::act(const Action& action) {
    if (const auto* spawn = std::get_if<SpawnWorker>(&action)) {
        spawning_ = spawn->generation;
        const auto spawned = spawn_worker();
        spawning_.reset();
        const bool is_trial = policy_.fallback && spawn->generation == policy_.generation;
        if (!spawned && is_trial) {
            abandon_reload("the first new worker was not forked.\n" + spawned.error().message);
            return {};
        }
        if (!spawned && spawned.error().kind != ErrorKind::system) return Unexpected{spawned.error()};
        if (!spawned) log().error(spawned.error().message);
        return {};
    }
    if (const auto* order = std::get_if<SignalWorker>(&action)) {
        send(*order);
        return {};
    }
    if (const auto* stop = std::get_if<StopServer>(&action)) {
        exit_status_ = stop->exit_code;
        stop_reason_ = stop->reason;
        begin_stop(SIGTERM, policy_.graceful_timeout);
    }
    if (const auto* abandon = std::get_if<AbandonGeneration>(&action)) abandon_reload(describe(abandon->failure));
    return {};
}

void Arbiter::send(const SignalWorker& order) {
    if (order.reason == SignalReason::timed_out) {
        const WorkerRow* row = table_.find(order.pid);
        if (row != nullptr) {
            report_timeout(*row, scoreboard_->slot(row->slot), log());
            services_.runtime->worker_aborted(row->age);
        }
        if (row != nullptr && scoreboard_->slot(row->slot).knows_stack_signal()) {
            static_cast<void>(::kill(order.pid, stack_signal()));
        }
    }
    statistics_.note_order(order);
    record(table_, order, policy_, Clock::now());
    // A worker that ended meanwhile is reaped in a moment; nothing else can be wrong with a child of ours.
    static_cast<void>(::kill(order.pid, order.signo));
}

/// While there is a way back, a hook that hangs does not hold the master.
Result<void> Arbiter::call_pre_fork(std::uint64_t generation, std::uint64_t age) {
    const hooks::HookSet& hooks = reload_.generation(generation).hooks;
    if (!policy_.fallback || !hooks.has_pre_fork()) return hooks.pre_fork(ServerView{}, WorkerView{age});
    Result<void> called;
    {
        const Interruptible interruptible(services_.loader->interrupter(), services_.check_limit);
        signals_->claim();
        called = hooks.pre_fork(ServerView{}, WorkerView{age});
    }
    services_.loader->forget_interrupts();
    return called;
}

Result<pid_t> Arbiter::spawn_worker() {
    const auto slot = table_.free_slot(policy_.slots);
    if (!slot) return failure(ErrorKind::system, "no room for another worker", EAGAIN);
    const std::uint64_t age = table_.take_age();
    const std::uint64_t number = spawning_.value_or(policy_.generation);
    scoreboard_->slot(*slot).claim(age, Clock::now());
    if (drain_until_) scoreboard_->slot(*slot).announce_drain();
    services_.runtime->worker_planned(age, static_cast<std::uint32_t>(number));
    if (auto called = call_pre_fork(number, age); !called) {
        scoreboard_->slot(*slot).release();
        services_.runtime->worker_gone(age);
        return Unexpected{std::move(called).error()};
    }
    take_runtime_settings();

    services_.fork_observer->before_fork();
    pid_t pid = -1;
    int fork_error = 0;
    {
        const BlockedSignals blocked;
        pid = ::fork();
        fork_error = errno;
        if (pid == 0) {
            signals_->restore();
            // Until the worker has handlers of its own, none of these may end it.
            for (const int signo : {SIGHUP, SIGUSR2}) ::signal(signo, SIG_IGN);
            remember_early_signals();
        }
    }
    if (pid == 0) {
        services_.fork_observer->after_fork_in_child();
        is_worker_ = true;
        if (auto entered = reload_.become_worker_of(number); !entered) {
            log().error(entered.error().message);
            exit_status_ = kWorkerBootError;
            return pid;
        }
        exit_status_ = run_as_worker(age, *slot);
        return pid;
    }
    services_.fork_observer->after_fork_in_parent();
    if (pid < 0) {
        scoreboard_->slot(*slot).release();
        table_.record_spawn_failure(Clock::now());
        services_.runtime->worker_gone(age);
        return Unexpected{sys::system_error("fork", fork_error)};
    }
    WorkerRow row;
    row.pid = pid;
    row.age = age;
    row.slot = *slot;
    row.generation = number;
    const Generation& own = reload_.generation(number);
    const Policy limits = policy_of(own.settings, own.worker_class);
    row.timeout = limits.timeout;
    row.boot_timeout = limits.boot_timeout;
    row.spawned_at = Clock::now();
    table_.add(row);
    statistics_.note_spawn();
    services_.runtime->worker_spawned(age, pid);
    return pid;
}

int Arbiter::run_as_worker(std::uint64_t age, std::size_t slot) {
    upgrade_.become_worker();
    alive_.write_end.reset();
    status_server_.close();
    generation().status_listeners.clear();
    WorkerContext context;
    context.generation = &generation();
    context.age = age;
    context.slot = &scoreboard_->slot(slot);
    context.master_alive = alive_.read_end.get();
    context.news = news_.get();
    context.log = generation().log.get();
    context.access_log = generation().access_log.get();
    context.runtime = services_.runtime;
    context.invoker = services_.invoker;
    context.wanted_workers = policy_.wanted;
    context.worker_class = generation().worker_class;
    context.daemon = services_.daemon;
    return Worker(context).run();
}

// Only our own pids: waitpid(-1) would steal the status of a hook's subprocess.
Result<void> Arbiter::reap_workers() {
    const std::vector<WorkerRow> rows = table_.rows();
    for (const WorkerRow& row : rows) {
        int status = 0;
        const pid_t pid = ::waitpid(row.pid, &status, WNOHANG);
        if (pid == row.pid) {
            on_exit(pid, status);
        } else if (pid < 0 && errno == ECHILD) {
            on_exit(row.pid, 0);  // somebody else waited for it
        }
    }
    upgrade_.reap();
    if (::getpid() == 1) reap_strangers();
    return {};
}

/// As PID 1 of a container, orphans of the application are ours to bury.
void Arbiter::reap_strangers() {
    siginfo_t info{};
    while (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0) {
        if (table_.find(info.si_pid) != nullptr) return;  // the next round takes it
        ::waitpid(info.si_pid, nullptr, WNOHANG);
        info.si_pid = 0;
    }
}

void Arbiter::on_exit(pid_t pid, int status) {
    const WorkerRow before = *table_.find(pid);
    read_scoreboard(Clock::now());
    const auto row = table_.record_exit(pid, status, Clock::now());
    if (!before.stop_deadline && (status != 0 || !before.ready_at)) {
        const WorkerSlot& slot = scoreboard_->slot(before.slot);
        last_failure_ = {pid, status, slot.step(), std::string(slot.last_words())};
    }
    statistics_.note_exit(before, scoreboard_->slot(before.slot), status);
    scoreboard_->slot(before.slot).release();
    if (const auto report = describe_exit(pid, status)) log().write(report->level, report->text);
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    if (row && code != kWorkerBootError && code != kAppLoadError) {
        if (auto called = generation().hooks.child_exit(ServerView{}, WorkerView{before.age}); !called) {
            log().error("Exception in child_exit hook\n" + called.error().message);
        }
    }
    services_.runtime->worker_gone(before.age);
}

Result<void> Arbiter::kill_worker(pid_t pid, int signo) {
    if (table_.find(pid) == nullptr) return failure(ErrorKind::not_found, "no worker with pid " + std::to_string(pid));
    if (::kill(pid, signo) != 0 && errno != ESRCH) return Unexpected{sys::system_error("kill")};
    if (signo == SIGTERM || signo == SIGQUIT || signo == SIGINT) {
        table_.mark_stopping(pid, signo, Clock::now() + policy_.graceful_timeout);
    }
    return {};
}

Result<void> Arbiter::set_worker_count(int count) {
    if (count < 0) return failure(ErrorKind::invalid_argument, "the number of workers must not be negative");
    const auto before = static_cast<std::int64_t>(policy_.wanted);
    policy_.wanted = static_cast<std::size_t>(count);
    if (policy_.fallback) policy_.fallback->wanted = policy_.wanted;  // who asks now means what runs now, too
    return generation().hooks.nworkers_changed(ServerView{}, CountView(count), CountView(before));
}

Result<void> Arbiter::handle_signal(int signo) {
    if (signo == SIGCHLD) return {};  // reaped already
    log().info("Handling signal: " + signal_name(signo));
    switch (signo) {
        case SIGTERM:
            if (!policy_.stop && !begin_drain()) begin_stop(SIGTERM, policy_.graceful_timeout);
            return {};
        case SIGINT:
        case SIGQUIT: begin_stop(SIGQUIT, std::min<Duration>(kQuickStop, policy_.graceful_timeout)); return {};
        case SIGTTIN: return set_worker_count(static_cast<int>(one_more(policy_.wanted)));
        case SIGTTOU: return set_worker_count(static_cast<int>(one_less(policy_.wanted)));
        case SIGUSR1: reopen_logs(); return {};
        case SIGHUP:
            if (policy_.stop || drain_until_) return {};
            reload_.request(upgrade_.master_name());
            notifier_.reloading(Clock::now());
            return {};
        case SIGUSR2:
            if (!policy_.stop) {
                const auto& status = generation().status_listeners;
                upgrade_.begin(generation().listeners, status.empty() ? -1 : status.front().fd(), generation().hooks,
                               *services_.fork_observer, *signals_);
            }
            return {};
        case SIGWINCH:  // a terminal that changes its size sends it, too
            if (generation().settings.daemon) return set_worker_count(0);
            log().debug("SIGWINCH ignored. Not daemonized");
            return {};
        default: return {};
    }
}

// Python's handlers first: as root they give a new file to the user of the workers, who open it next.
void Arbiter::reopen_logs() {
    services_.runtime->reopen_python_logs();
    reload_.reopen_logs();
    for (const WorkerRow& row : table_.rows()) static_cast<void>(::kill(row.pid, SIGUSR1));
}

/// TERM with drain_delay: the stop comes later. False when there is no delay, or it is cut short.
bool Arbiter::begin_drain() {
    const std::chrono::seconds delay(generation().settings.drain_delay);
    if (delay.count() == 0 || drain_until_) return false;
    drain_until_ = Clock::now() + delay;
    reload_.cancel();
    log().info("Draining: accepting for another " + std::to_string(delay.count()) +
               " s (drain_delay), then the graceful stop.");
    for (const WorkerRow& row : table_.rows()) scoreboard_->slot(row.slot).announce_drain();
    return true;
}

/// Until the stop that follows a drain; the longest time when there is none to come.
Duration Arbiter::drain_left() const {
    if (!drain_until_ || policy_.stop) return Duration::max();
    return std::max(*drain_until_ - Clock::now(), Duration::zero());
}

void Arbiter::begin_stop(int signo, Duration grace) {
    upgrade_.end_unexecuted();
    const bool is_final = upgrade_.is_alone();  // else another master has the sockets as well
    for (const WorkerRow& row : table_.rows()) scoreboard_->slot(row.slot).announce_server_stop(is_final);
    reload_.cancel();
    // Ours only: the workers hold their own, and finish what is queued there before they close them.
    reload_.close_all_listeners();
    TimePoint deadline = Clock::now() + grace;
    if (policy_.stop) deadline = std::min(deadline, policy_.stop->deadline);
    policy_.stop = Stop{signo, deadline};
}

/// Gunicorn: Arbiter.halt.
void Arbiter::halt() {
    reload_.close_all_listeners();
    reload_.close_status_listeners();
    const auto level = exit_status_.value_or(0) == 0 ? gateway::LogLevel::info : gateway::LogLevel::error;
    log().write(level, "Shutting down: " + upgrade_.master_name());
    if (!stop_reason_.empty()) log().write(level, "Reason: " + stop_reason_);
    if (!stop_reason_.empty() && last_failure_) log().write(level, summary_of(*last_failure_));
    // A new master puts its own in the place of ours, so that there is one at any time.
    if (pidfile_ && upgrade_.new_master() == 0) pidfile_->unlink();
    if (former_pidfile_) former_pidfile_->unlink();
    if (auto called = generation().hooks.on_exit(ServerView{}); !called && called.error().kind != ErrorKind::system_exit) {
        log().error("Exception in on_exit hook\n" + called.error().message);
    }
}

/// What the other master of an upgrade does, and has to know of this one.
void Arbiter::follow_upgrade() {
    upgrade_.read_report();
    const auto serves = [](const WorkerRow& row) { return row.state == WorkerState::ready; };
    if (policy_.wanted == 0 || std::ranges::any_of(table_.rows(), serves)) upgrade_.report_ready();
    upgrade_.notice_heard();
    if (upgrade_.promote(pidfile_, generation().settings.pidfile.value_or(""))) services_.runtime->retitle_master();
}

gateway::MasterPids Arbiter::other_masters() const { return {upgrade_.new_master(), upgrade_.old_master()}; }

std::vector<gateway::WorkerFacts> Arbiter::workers() const {
    std::vector<gateway::WorkerFacts> facts;
    for (const WorkerRow& row : table_.rows()) facts.push_back({row.pid, row.age});
    return facts;
}

std::vector<gateway::ListenerFacts> Arbiter::listeners() const {
    std::vector<gateway::ListenerFacts> facts;
    for (const Listener& listener : generation().listeners)
        facts.push_back({listener.fd(), to_string(listener.local(), scheme_of(generation().settings))});
    return facts;
}

}  // namespace gunicorn::server
