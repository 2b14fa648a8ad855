#include "server/arbiter/arbiter.h"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "server/net/address.h"
#include "server/worker/engine_options.h"
#include "server/worker/heartbeat.h"
#include "server/worker/worker.h"

namespace gunicorn::server {
namespace {

using gateway::CountView;
using gateway::ServerView;
using gateway::WorkerView;

constexpr std::size_t kSlots = 1024;  // processes at any time, dying ones included; pages nobody touches cost nothing
constexpr unsigned kCrashLimit = 10;  // rounds of failed starts with nobody serving that end the server with exit 3
constexpr int kBindAttempts = 5;
constexpr auto kBindPause = std::chrono::seconds(1);
constexpr Duration kQuickStop = std::chrono::seconds(2);

Policy policy_of(const config::Settings& settings, const std::string& worker_class) {
    Policy policy;
    // `debug` is for one developer: 0.17.2's manual promises one worker.
    policy.wanted = settings.debug ? std::min<std::size_t>(1, static_cast<std::size_t>(settings.workers))
                                   : static_cast<std::size_t>(settings.workers);
    policy.timeout = silence_limit(settings, worker_class);
    policy.boot_timeout = std::chrono::seconds(settings.timeout);
    policy.graceful_timeout = std::chrono::seconds(settings.graceful_timeout);
    policy.slots = kSlots;
    policy.crash_limit = kCrashLimit;
    if (settings.reload) {
        // A broken edit is followed by another one: the server stays for it.
        policy.on_boot_failure = OnBootFailure::retry;
        policy.crash_limit = 0;
    }
    return policy;
}

/// Gunicorn: Config.is_ssl.
Scheme scheme_of(const config::Settings& settings) {
    return settings.certfile.value_or("").empty() ? Scheme::http : Scheme::https;
}

}  // namespace

Arbiter::Arbiter(Generation& generation, const ArbiterServices& services)
    : generation_(generation),
      services_(services),
      policy_(policy_of(generation.settings, services.worker_class)),
      reload_(generation_, policy_, table_, *services.log) {
    policy_.generation = generation.number;
}

int Arbiter::run() {
    if (auto started = start(); !started) {
        if (started.error().kind == ErrorKind::system_exit) {
            if (!started.error().message.empty()) services_.log->error(started.error().message);
            exit_status_ = started.error().code;
        } else {
            services_.log->error(started.error().message);
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
            services_.log->error("Unhandled exception in main loop\n" + looped.error().message);
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
    const config::Settings& settings = generation_.settings;
    GN_CHECK(generation_.hooks.nworkers_changed(ServerView{}, CountView(policy_.wanted), std::nullopt));
    services_.log->info("Starting gunicorn " GN_VERSION);
    if (has_pidfile(settings)) {
        Pidfile pidfile(*settings.pidfile);
        GN_CHECK(pidfile.create(::getpid()));
        pidfile_ = std::move(pidfile);
    }
    GN_CHECK(generation_.hooks.on_starting(ServerView{}));
    take_runtime_settings();
    GN_TRY(signals_, SignalPipe::install());
    GN_TRY(Scoreboard board, Scoreboard::create(kSlots));
    scoreboard_.emplace(std::move(board));
    GN_TRY(alive_, sys::pipe());
    GN_CHECK(reload_.start());
    GN_CHECK(open_listeners());
    std::string addresses;
    for (const Listener& listener : generation_.listeners) {
        addresses += (addresses.empty() ? "" : ",") + to_string(listener.local(), scheme_of(generation_.settings));
    }
    services_.log->info("Listening at: " + addresses + " (" + std::to_string(::getpid()) + ")");
    services_.log->info("Using worker: " + services_.worker_class);
    return generation_.hooks.when_ready(ServerView{});
}

/// What a hook changed with cfg.set() counts from here on.
void Arbiter::take_runtime_settings() {
    if (!services_.runtime->take_runtime_settings(generation_.settings)) return;
    generation_.hooks = hooks::HookSet(generation_.settings, *services_.invoker);
    Policy policy = policy_of(generation_.settings, services_.worker_class);
    policy.generation = policy_.generation;
    policy.fallback = policy_.fallback;
    policy.on_boot_failure = policy_.on_boot_failure;
    policy.stop = policy_.stop;
    if (generation_.settings.origin(config::SettingId::workers).kind != SourceKind::runtime) policy.wanted = policy_.wanted;
    policy_ = policy;
}

Result<void> Arbiter::open_listeners() {
    for (const std::string& text : generation_.settings.bind) {
        GN_TRY(const Address address, Address::parse(text));
        GN_TRY(Listener listener, open_listener(address));
        generation_.listeners.push_back(std::move(listener));
    }
    return {};
}

/// Gunicorn: sock.create_sockets. Somebody who is just leaving gets some seconds to let go of the address.
Result<Listener> Arbiter::open_listener(const Address& address) {
    const ListenerOptions options = listener_options(generation_.settings);
    // With reuse_port each worker has a socket of its own; the master holds the port for them.
    const auto open = options.reuse_port && address.kind == AddressKind::tcp ? &Listener::reserve : &Listener::open;
    for (int attempt = 1;; ++attempt) {
        auto opened = open(address, options);
        if (opened || opened.error().code != EADDRINUSE) return opened;
        services_.log->error("Connection in use: " + to_python(address));
        if (attempt == kBindAttempts)
            return failure(ErrorKind::system, "Can't connect to " + to_python(address), EADDRINUSE);
        services_.log->error("Retrying in 1 second.");
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
        reload_.on_tick(Clock::now());
        if (reload_.is_due()) begin_reload();  // what is to do then is due at once
        if (policy_.stop && table_.empty()) return {};
        sleep(next_wakeup(table_, policy_, Clock::now()));
        GN_CHECK(services_.lock->run_signal_handlers());
        std::vector<int> arrived = signals_->drain();  // before the reaping: a CHLD after it wakes the next sleep
        GN_CHECK(reap_workers());
        arrived.insert(arrived.end(), posted_signals_.begin(), posted_signals_.end());
        posted_signals_.clear();
        for (const int signo : arrived) GN_CHECK(handle_signal(signo));
    }
}

/// reload: once the configuration itself is edited, as HUP does.
void Arbiter::watch_configuration() {
    if (policy_.stop) return;
    const auto changed = config_watch_.look(generation_, *services_.runtime, Clock::now());
    if (!changed) return;
    services_.log->info("Configuration reloading: " + *changed + " modified");
    reload_.request();
}

void Arbiter::sleep(Duration most) {
    const auto ms = std::chrono::ceil<std::chrono::milliseconds>(most).count();
    if (ms <= 0) return;
    pollfd wait{signals_->fd(), POLLIN, 0};
    services_.lock->drop();
    ::poll(&wait, 1, static_cast<int>(ms));
    services_.lock->take();
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
        if (!spawned && spawned.error().kind != ErrorKind::system) return Unexpected{spawned.error()};
        if (!spawned) services_.log->error(spawned.error().message);
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
    if (const auto* abandon = std::get_if<AbandonGeneration>(&action)) abandon_reload(abandon->failure);
    return {};
}

void Arbiter::send(const SignalWorker& order) {
    if (order.reason == SignalReason::timed_out) {
        const WorkerRow* row = table_.find(order.pid);
        services_.log->critical("WORKER TIMEOUT (pid:" + std::to_string(order.pid) + ")");
        const std::string line = row != nullptr ? scoreboard_->slot(row->slot).request_line() : std::string();
        if (!line.empty()) {
            std::string escaped;
            append_escaped(line, escaped);
            services_.log->critical("Worker (pid:" + std::to_string(order.pid) + ") was handling: " + escaped);
        }
        if (row != nullptr && scoreboard_->slot(row->slot).knows_stack_signal()) {
            static_cast<void>(::kill(order.pid, stack_signal()));
        }
    }
    record(table_, order, policy_, Clock::now());
    // A worker that ended meanwhile is reaped in a moment; nothing else can be wrong with a child of ours.
    static_cast<void>(::kill(order.pid, order.signo));
}

Result<pid_t> Arbiter::spawn_worker() {
    const auto slot = table_.free_slot(kSlots);
    if (!slot) return failure(ErrorKind::system, "no room for another worker", EAGAIN);
    const std::uint64_t age = table_.take_age();
    scoreboard_->slot(*slot).claim(age, Clock::now());
    GN_CHECK(generation_.hooks.pre_fork(ServerView{}, WorkerView{age}));
    take_runtime_settings();
    const std::uint64_t generation = spawning_.value_or(policy_.generation);

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
            for (const int signo : {SIGHUP, SIGUSR1, SIGUSR2}) ::signal(signo, SIG_IGN);
        }
    }
    if (pid == 0) {
        services_.fork_observer->after_fork_in_child();
        is_worker_ = true;
        reload_.become_worker_of(generation);
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
    row.generation = generation;
    row.spawned_at = Clock::now();
    table_.add(row);
    services_.runtime->worker_spawned(age, pid);
    return pid;
}

int Arbiter::run_as_worker(std::uint64_t age, std::size_t slot) {
    alive_.write_end.reset();
    WorkerContext context;
    context.generation = &generation_;
    context.age = age;
    context.slot = &scoreboard_->slot(slot);
    context.master_alive = alive_.read_end.get();
    context.log = services_.log;
    context.access_log = services_.access_log;
    context.runtime = services_.runtime;
    context.invoker = services_.invoker;
    context.wanted_workers = policy_.wanted;
    context.worker_class = services_.worker_class;
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
    scoreboard_->slot(before.slot).release();
    if (const auto report = describe_exit(pid, status)) services_.log->write(report->level, report->text);
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    if (row && code != kWorkerBootError && code != kAppLoadError) {
        if (auto called = generation_.hooks.child_exit(ServerView{}, WorkerView{before.age}); !called) {
            services_.log->error("Exception in child_exit hook\n" + called.error().message);
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
    return generation_.hooks.nworkers_changed(ServerView{}, CountView(count), CountView(before));
}

Result<void> Arbiter::handle_signal(int signo) {
    if (signo == SIGCHLD) return {};  // reaped already
    services_.log->info("Handling signal: " + signal_name(signo));
    switch (signo) {
        case SIGTERM:
            if (!policy_.stop) begin_stop(SIGTERM, policy_.graceful_timeout);
            return {};
        case SIGINT:
        case SIGQUIT: begin_stop(SIGQUIT, std::min<Duration>(kQuickStop, policy_.graceful_timeout)); return {};
        case SIGTTIN: return set_worker_count(static_cast<int>(one_more(policy_.wanted)));
        case SIGTTOU: return set_worker_count(static_cast<int>(one_less(policy_.wanted)));
        case SIGUSR1: reopen_logs(); return {};
        case SIGHUP:
            if (!policy_.stop) reload_.request();
            return {};
        case SIGUSR2:
            services_.log->warning("Upgrading (USR2) is not supported yet; restart the server instead.");
            return {};
        case SIGWINCH: services_.log->debug("SIGWINCH ignored. Not daemonized"); return {};
        default: return {};
    }
}

// Python's handlers first: as root they give a new file to the user of the workers, who open it next.
void Arbiter::reopen_logs() {
    services_.runtime->reopen_python_logs();
    services_.log->reopen();
    if (services_.access_log != nullptr) {
        if (auto reopened = services_.access_log->reopen(); !reopened) services_.log->error(reopened.error().message);
    }
    for (const WorkerRow& row : table_.rows()) static_cast<void>(::kill(row.pid, SIGUSR1));
}

/// Gunicorn: Arbiter.reload. What fails leaves everything as it is.
void Arbiter::begin_reload() {
    const Fallback running{policy_.generation, policy_.wanted};
    reopen_logs();
    auto prepared = prepare_reload();
    if (prepared) return reload_.begin(*std::move(prepared), running);
    policy_.wanted = running.wanted;
    reload_.refuse(prepared.error());
}

/// What may fail before a worker is forked: what is read, and the hooks that are told.
Result<std::unique_ptr<TlsContext>> Arbiter::prepare_reload() {
    GN_TRY(std::unique_ptr<TlsContext> tls, reload_.read_again());
    // The number of TTIN and TTOU ends here.
    GN_CHECK(set_worker_count(static_cast<int>(policy_of(generation_.settings, services_.worker_class).wanted)));
    GN_CHECK(generation_.hooks.on_reload(ServerView{}));
    return tls;
}

void Arbiter::abandon_reload(const BootFailure& failure) {
    const std::size_t tried = policy_.wanted;
    reload_.go_back_after(failure);
    if (policy_.wanted == tried) return;
    if (auto told = generation_.hooks.nworkers_changed(ServerView{}, CountView(policy_.wanted), CountView(tried)); !told) {
        services_.log->error("Exception in nworkers_changed hook\n" + told.error().message);
    }
}

void Arbiter::close_listeners() {
    for (Listener& listener : generation_.listeners) {
        // A socket that came as fd://N belongs to whoever made it; its file stays.
        if (listener.configured().kind == AddressKind::descriptor) {
            listener.close();
        } else {
            listener.close_and_unlink();
        }
    }
}

void Arbiter::begin_stop(int signo, Duration grace) {
    for (const WorkerRow& row : table_.rows()) scoreboard_->slot(row.slot).announce_server_stop();
    // Ours only: the workers hold their own, and finish what is queued there before they close them.
    close_listeners();
    TimePoint deadline = Clock::now() + grace;
    if (policy_.stop) deadline = std::min(deadline, policy_.stop->deadline);
    policy_.stop = Stop{signo, deadline};
}

/// Gunicorn: Arbiter.halt.
void Arbiter::halt() {
    close_listeners();
    const auto level = exit_status_.value_or(0) == 0 ? gateway::LogLevel::info : gateway::LogLevel::error;
    services_.log->write(level, "Shutting down: Master");
    if (!stop_reason_.empty()) services_.log->write(level, "Reason: " + stop_reason_);
    if (pidfile_) pidfile_->unlink();
    if (auto called = generation_.hooks.on_exit(ServerView{}); !called && called.error().kind != ErrorKind::system_exit) {
        services_.log->error("Exception in on_exit hook\n" + called.error().message);
    }
}

std::vector<gateway::WorkerFacts> Arbiter::workers() const {
    std::vector<gateway::WorkerFacts> facts;
    for (const WorkerRow& row : table_.rows()) facts.push_back({row.pid, row.age});
    return facts;
}

std::vector<gateway::ListenerFacts> Arbiter::listeners() const {
    std::vector<gateway::ListenerFacts> facts;
    for (const Listener& listener : generation_.listeners)
        facts.push_back({listener.fd(), to_string(listener.local(), scheme_of(generation_.settings))});
    return facts;
}

}  // namespace gunicorn::server
