#include "server/worker/worker.h"

#include <poll.h>
#include <pthread.h>
#include <unistd.h>
#include <csignal>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <random>
#include <system_error>

#include "server/arbiter/process_table.h"
#include "server/arbiter/signals.h"
#include "server/log/access_format.h"
#include "server/worker/alternate_stack.h"
#include "server/worker/crash_report.h"
#include "server/worker/early_stop.h"
#include "server/worker/engine_options.h"
#include "server/worker/failure_page.h"
#include "server/worker/heartbeat.h"
#include "server/worker/inline_dispatch.h"
#include "server/worker/privileges.h"
#include "server/worker/queued_dispatch.h"

namespace gunicorn::server {
namespace {

using gateway::ServerView;
using gateway::WorkerView;

constexpr Duration kIdleAtServerStop = std::chrono::milliseconds(200);
constexpr Duration kIdleAtReplacement = std::chrono::seconds(1);
constexpr auto kThreadGrace = std::chrono::seconds(1);

void empty(int fd) {
    char bytes[64];
    while (::read(fd, bytes, sizeof bytes) > 0) {
    }
}

std::uint64_t response_limit(const config::Settings& settings) {
    if (settings.max_requests == 0) return 0;
    std::random_device random;
    const auto jitter = static_cast<std::uint64_t>(settings.max_requests_jitter);
    return static_cast<std::uint64_t>(settings.max_requests) + (jitter == 0 ? 0 : random() % (jitter + 1));
}

gateway::ServerIdentity identity_of(const Listener& listener) {
    const Address& local = listener.local();
    if (local.kind == AddressKind::unix_socket) return {local.path, "", true};
    return {local.host, std::to_string(local.port), false};
}

}  // namespace

int Worker::run() {
    context_.slot->set_pid(::getpid());
    context_.slot->beat(Clock::now());
    context_.log->info("Booting worker with pid: " + std::to_string(::getpid()));
    int status = 0;
    const AlternateStack stack;
    {
        auto booted = boot();
        if (!booted) {
            status = exit_status_of(booted.error());
        } else {
            enter(BootStep::ready);
            if (context_.daemon != nullptr) context_.daemon->ready();
            engine_ = booted->engine.get();
            if (stopping_) booted->engine->announce_stop();
            announce(SlotState::ready);
            const auto served = context_.worker_class == "gthread" ? serve_queued(*booted) : serve_inline(*booted);
            engine_ = nullptr;
            if (!served) status = exit_status_of(served.error());
            // A relay needs OpenSSL, or Python, which must not end under it.
            threads_left_ |= active_relays() > 0;
            if (threads_left_) {
                // Threads still run application code that refers to these.
                static_cast<void>(booted->engine.release());
                static_cast<void>(booted->application.release());
                static_cast<void>(booted->tls_channels.release());
            }
        }
        if (context_.access_log != nullptr) context_.access_log->end();
        send_last_metrics();
        leave();
    }
    if (threads_left_) context_.runtime->exit_now(status);
    return status;
}

Result<Worker::Booted> Worker::boot() {
    Generation& generation = *context_.generation;
    const config::Settings& settings = generation.settings;
    Booted booted;

    enter(BootStep::post_fork);
    GN_CHECK(context_.runtime->write_stacks_on(stack_signal(), context_.log->fd()));
    report_crashes(context_.log->fd(), *context_.slot);
    context_.slot->announce_stack_signal();
    GN_CHECK(context_.runtime->begin_worker(context_.age, *this));
    GN_CHECK(survived(generation.hooks.post_fork(ServerView{}, WorkerView{context_.age})));
    take_runtime_settings();

    enter(BootStep::listeners);
    GN_CHECK(open_own_listeners());

    enter(BootStep::tls);
    if (has_tls_by_hook(settings)) {
        GN_TRY(booted.tls_channels, context_.runtime->make_tls_channels());
    }

    enter(BootStep::privileges);
    GN_CHECK(drop_privileges({settings.user, settings.group, settings.initgroups}));

    enter(BootStep::signals);
    GN_TRY(wakeup_, sys::pipe());
    GN_TRY(engine_wake_, sys::event_fd());
    GN_CHECK(context_.runtime->install_signal_handlers(wakeup_.write_end.get()));
    keep_reporting_aborts();
    if (was_stopped_early()) stop();
    if (was_told_to_reopen_early()) reopen_logs();

    enter(BootStep::engine);
    GN_TRY(EngineOptions options, engine_options(settings));
    gateway::ApplicationOptions application_options;
    application_options.header_policy = options.protocol.headers;
    application_options.multithread = context_.worker_class == "gthread";
    application_options.multiprocess = context_.wanted_workers > 1;
    std::vector<ListenSocket> sockets;
    for (const Listener& listener : generation.listeners) {
        sockets.push_back({listener.fd(), listener.family()});
        application_options.servers.push_back(identity_of(listener));
    }
    const EngineServices services{context_.log, context_.access_log, context_.slot, generation.tls.get(),
                                  booted.tls_channels.get(),
                                  generation.statsd ? generation.statsd->requests() : nullptr};
    GN_TRY(booted.engine, Engine::create(std::move(options), services, std::move(sockets)));

    enter(BootStep::application);
    GN_CHECK(survived(load_application(booted, application_options)));

    enter(BootStep::post_worker_init);
    GN_CHECK(survived(generation.hooks.post_worker_init(WorkerView{context_.age})));
    if (boot_failure_) booted.application = std::make_unique<BrokenApplication>(*boot_failure_);
    if (settings.reload) {
        const auto engine = Reloader::engine_named(settings.reload_engine);
        reloader_ = std::make_unique<Reloader>(engine, generation.files.extra, *context_.log);
    }

    // Gunicorn reads it for each request: what the application does to os.environ while it is imported counts.
    if (const char* script_name = std::getenv("SCRIPT_NAME")) booted.engine->set_script_name(script_name);

    take_runtime_settings();
    booted.python_access_log = context_.runtime->python_access_log();
    booted.engine->set_access_logs(context_.access_log, booted.python_access_log.get());
    most_responses_ = response_limit(settings);
    GN_CHECK(limit_memory());
    context_.runtime->announce_boot();
    return booted;
}

Result<void> Worker::load_application(Booted& booted, const gateway::ApplicationOptions& options) {
    GN_TRY(booted.application, context_.runtime->load_application(options));
    return {};
}

/// With `reload` what the user's code raises does not end the worker: the page about it is served until there is an edit.
Result<void> Worker::survived(Result<void> outcome) {
    if (outcome || !context_.generation->settings.reload || stopping_) return outcome;
    static_cast<void>(exit_status_of(outcome.error()));
    context_.log->error("The server waits for an edit; until then every request is answered with this error.");
    const Error& error = outcome.error();
    if (!boot_failure_) boot_failure_ = error.message.empty() ? "SystemExit: " + std::to_string(error.code) : error.message;
    return {};
}

/// reload: leaves when a file has changed. What comes meanwhile waits at the listeners for the next worker. GIL held.
void Worker::look_for_changes(gateway::InterpreterLock& lock) {
    const TimePoint now = Clock::now();
    if (!reloader_ || stopping_ || !reloader_->is_due(now)) return;
    std::vector<gateway::LoadedFile> loaded;
    if (reloader_->wants_files(now)) loaded = context_.runtime->take_loaded_files();
    lock.drop();
    const std::optional<std::string> changed = reloader_->look(loaded, now);
    lock.take();
    if (!changed) return;
    context_.log->info("Worker reloading: " + *changed + " modified");
    context_.slot->set_leave_reason(LeaveReason::code_changed);
    stop();
    if (auto called = context_.generation->hooks.worker_int(WorkerView{context_.age}); !called) {
        context_.log->error("Exception in worker_int hook\n" + called.error().message);
    }
}

/// reuse_port: the master only holds the ports.
Result<void> Worker::open_own_listeners() {
    const ListenerOptions options = listener_options(context_.generation->settings);
    if (!options.reuse_port) return {};
    std::vector<Listener>& listeners = context_.generation->listeners;
    for (std::size_t i = 0; i < listeners.size(); ++i) {
        // One that listens was inherited from a server without reuse_port.
        if (listeners[i].configured().kind != AddressKind::tcp || listeners[i].listens()) continue;
        GN_TRY(listeners[i], Listener::open(listeners[i].local(), options));
        own_listeners_ |= std::uint64_t{1} << std::min<std::size_t>(i, 63);
    }
    return {};
}

void Worker::take_runtime_settings() {
    const bool has_changed = context_.runtime->take_runtime_settings(context_.generation->settings);
    if (!context_.runtime->logs_natively()) context_.access_log = nullptr;
    if (!has_changed) return;
    context_.generation->hooks = hooks::HookSet(context_.generation->settings, *context_.invoker);
}

int Worker::exit_status_of(const Error& error) {
    context_.slot->leave_last_words(error.message);
    if (error.kind == ErrorKind::system_exit) {
        if (!error.message.empty()) context_.log->error(error.message);
        return error.code;
    }
    if (error.kind == ErrorKind::app_import) {
        context_.log->error(error.message);
        return kAppLoadError;
    }
    std::string text = "Exception in worker process";
    if (error.kind != ErrorKind::python) text += " while " + std::string(name_of(step_));
    context_.log->error(text + "\n" + error.message);
    return step_ == BootStep::ready ? 255 : kWorkerBootError;
}

void Worker::enter(BootStep step) {
    step_ = step;
    context_.slot->enter(step);
}

void Worker::send_last_metrics() {
    Statsd* statsd = context_.generation->statsd.get();
    if (statsd == nullptr) return;
    if (RequestMetrics* requests = statsd->requests()) requests->flush();
    if (const std::string losses = statsd->describe_losses(); !losses.empty()) context_.log->info(losses);
}

/// Gunicorn: the `finally` of spawn_worker.
void Worker::leave() {
    context_.log->info("Worker exiting (pid: " + std::to_string(::getpid()) + ")");
    const auto left = context_.generation->hooks.worker_exit(ServerView{}, WorkerView{context_.age});
    if (!left && left.error().kind != ErrorKind::system_exit) {
        context_.log->warning("Exception during worker exit:\n" + left.error().message);
    }
    context_.runtime->end_worker();
}

void Worker::stop() {
    stopping_ = true;
    if (Engine* engine = engine_.load()) engine->announce_stop();
    wake_main();
}

void Worker::end_with(int status) {
    exit_status_ = status;
    wake_main();
}

/// Both loops: the main thread's pipe, and the engine's eventfd.
void Worker::wake_main() {
    const char byte = 0;
    const std::uint64_t one = 1;
    // Either fails only when it is full, and then the loop is about to wake anyway.
    [[maybe_unused]] auto written = ::write(wakeup_.write_end.get(), &byte, 1);
    written = ::write(engine_wake_.get(), &one, sizeof one);
}

void Worker::reopen_logs() {
    context_.log->reopen();
    reopen_ = true;
    wake_main();
}

Duration Worker::heartbeat_wait() const {
    const Duration limit = silence_limit(context_.generation->settings, context_.worker_class);
    if (limit == Duration::zero()) return std::chrono::seconds(1);
    return std::min<Duration>(std::chrono::seconds(1), limit / 2);
}

Result<void> Worker::watch_master(Booted& booted) {
    GN_TRY(booted.master_watch, booted.engine->watch(context_.master_alive, [this, &booted] {
        context_.log->info("Parent changed, shutting down: Worker (pid: " + std::to_string(::getpid()) + ")");
        booted.master_watch->pause();
        context_.slot->announce_server_stop(false);  // it may have been upgraded (USR2)
        stop();
    }));
    return {};
}

Engine::Backlog Worker::backlog_of(std::size_t index) const {
    const auto bit = std::uint64_t{1} << std::min<std::size_t>(index, 63);
    if ((own_listeners_ & bit) != 0) return Engine::Backlog::finish;
    // Others of the generation that had it may listen on.
    if ((context_.slot->retired_listeners() & bit) != 0) return Engine::Backlog::serve;
    if (!context_.slot->server_stops()) return Engine::Backlog::leave;
    const bool is_inherited = context_.generation->listeners[index].configured().kind == AddressKind::descriptor;
    return context_.slot->stop_is_final() && !is_inherited ? Engine::Backlog::finish : Engine::Backlog::serve;
}

/// The master acts on it at once: a reload goes on, a successor is forked.
void Worker::announce(SlotState state) {
    context_.slot->set_state(state);
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(context_.news, &one, sizeof one);
}

/// Each turn of a worker that stops. The server may stop when this one is leaving already, and before there is a successor.
void Worker::drain(Engine& engine) {
    const bool server_stops = context_.slot->server_stops();
    const Draining draining = server_stops ? Draining::with_the_server : Draining::alone;
    if (std::exchange(draining_, draining) == draining) return;
    announce(SlotState::stopping);
    std::vector<Engine::Backlog> backlogs;
    for (std::size_t i = 0; i < context_.generation->listeners.size(); ++i) backlogs.push_back(backlog_of(i));
    // While this server or another one (USR2) goes on, nobody is in a hurry: a client that has just sent its next request is
    // still heard.
    const bool nobody_is_left = server_stops && context_.slot->stop_is_final();
    const Duration idle = nobody_is_left                         ? kIdleAtServerStop
                          : context_.generation->settings.reload ? Duration::zero()
                                                                 : kIdleAtReplacement;
    engine.begin_drain(backlogs, idle, [this] {
        // Once no process listens any more, newcomers are refused at once instead of waiting for nobody.
        for (Listener& listener : context_.generation->listeners) listener.close();
    });
}

void Worker::count_responses(Engine& engine) {
    if (most_responses_ == 0 && !memory_.is_set()) return;
    engine.set_on_response([this, &engine] {
        memory_.on_response();
        look_at_memory(engine);
        if (++responses_ != most_responses_) return;
        context_.log->info("Autorestarting worker after current request.");
        context_.slot->set_leave_reason(LeaveReason::max_requests);
        stop();
        engine.return_now();
    });
}

Result<void> Worker::limit_memory() {
    GN_TRY(memory_, MemoryLimit::create(static_cast<std::uint64_t>(context_.generation->settings.max_worker_memory)));
    if (!memory_.is_set() || memory_.resident() <= memory_.mib()) return {};
    context_.log->warning("max_worker_memory is " + std::to_string(memory_.mib()) + " MiB, and the application needs " +
                          std::to_string(memory_.resident()) +
                          " to start: this worker is replaced after its first request.");
    return {};
}

/// After a response; and before a sleep, for one that came too soon after the last look.
void Worker::look_at_memory(Engine& engine) {
    if (!memory_.is_set() || stopping_) return;
    const auto used = memory_.exceeded(Clock::now());
    if (!used) return;
    context_.log->info("Autorestarting worker after current request: it uses " + std::to_string(*used) +
                       " MiB, max_worker_memory is " + std::to_string(memory_.mib()) + ".");
    context_.slot->set_leave_reason(LeaveReason::memory);
    stop();
    engine.return_now();
}

Result<void> Worker::serve_inline(Booted& booted) {
    Engine& engine = *booted.engine;
    const std::unique_ptr<gateway::InterpreterLock> lock = context_.runtime->make_lock();
    AppErrors errors(*context_.log, [this](int status) { end_with(status); });
    InlineDispatch dispatch(
        *booted.application, *lock, engine, std::move(errors),
        context_.access_log ? context_.access_log->format().environ_names() : std::vector<std::string>());
    engine.set_dispatch(&dispatch);
    GN_TRY(booted.wakeup_watch, engine.watch(wakeup_.read_end.get(), [this] { empty(wakeup_.read_end.get()); }));
    GN_CHECK(watch_master(booted));
    if (reloader_ && reloader_->fd() >= 0) {
        GN_TRY(booted.reloader_watch, engine.watch(reloader_->fd(), [this] { reloader_->on_readable(); }));
    }
    count_responses(engine);
    GN_CHECK(engine.start());
    for (;;) {
        lock->take();
        GN_CHECK(lock->run_signal_handlers());
        if (exit_status_ >= 0) return failure(ErrorKind::system_exit, {}, exit_status_);
        notify();
        if (reopen_.exchange(false) && context_.access_log != nullptr) {
            if (auto reopened = context_.access_log->reopen(); !reopened) context_.log->error(reopened.error().message);
        }
        look_for_changes(*lock);
        if (stopping_) drain(engine);
        if (engine.is_drained()) return {};
        if (engine.poll() > 0) continue;
        look_at_memory(engine);
        if (lock->is_wanted() && engine.wait(gateway::InterpreterLock::kLinger) > 0) continue;
        if (context_.access_log != nullptr) context_.access_log->flush();
        lock->drop();
        engine.wait(heartbeat_wait());
    }
}

void Worker::run_engine_thread(Booted& booted) {
    block_signals_but_faults();  // they belong to the main thread, where Python's handlers run
    const AlternateStack stack;
    const auto known = booted.tls_channels ? booted.tls_channels->know_this_thread() : nullptr;
    Engine& engine = *booted.engine;
    AccessLog* access_log = context_.access_log;
    while (!engine_quit_) {
        if (reopen_.exchange(false) && access_log != nullptr) {
            if (auto reopened = access_log->reopen(); !reopened) context_.log->error(reopened.error().message);
        }
        if (stopping_) drain(engine);
        if (engine.is_drained()) break;
        if (engine.poll() > 0) continue;
        look_at_memory(engine);
        if (access_log != nullptr) access_log->flush();
        engine.wait(std::chrono::seconds(1));
    }
    if (access_log != nullptr) access_log->flush();
    engine_done_ = true;
    wake_main();
}

Result<void> Worker::start_engine_thread(Booted& booted, QueuedDispatch& dispatch, std::thread& thread) {
    Engine& engine = *booted.engine;
    GN_TRY(booted.wakeup_watch, engine.watch(engine_wake_.get(), [this] {
        std::uint64_t count = 0;
        [[maybe_unused]] const auto got = ::read(engine_wake_.get(), &count, sizeof count);
    }));
    GN_CHECK(watch_master(booted));
    GN_CHECK(dispatch.attach(engine));
    count_responses(engine);
    dispatch.set_on_overdue([this](bool starved) {
        if (starved && !stopping_) {
            context_.log->error("All threads are late (request_timeout): the worker is replaced.");
            stop();
        }
        wake_main();
    });
    for (std::int64_t i = 0; i < context_.generation->settings.threads; ++i) {
        dispatch.expect_thread();
        // Stays expected after a failure: a signal handler may have raised behind its start, and then it runs.
        GN_CHECK(context_.runtime->start_thread(dispatch));
    }
    GN_CHECK(engine.start());
    try {
        thread = std::thread([this, &booted] { run_engine_thread(booted); });
    } catch (const std::system_error& error) {
        return failure(ErrorKind::system, std::string("the engine's thread: ") + error.what(), error.code().value());
    }
    return {};
}

void Worker::log_overdue(QueuedDispatch& dispatch) {
    for (const QueuedDispatch::Overdue& one : dispatch.take_overdue()) {
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(one.elapsed).count();
        std::string text =
            "REQUEST TIMEOUT (pid:" + std::to_string(::getpid()) + "): after " + std::to_string(seconds) + " s: ";
        append_escaped(one.request_line, text);
        const std::string stack = one.thread != 0 ? context_.runtime->stack_of_thread(one.thread) : std::string();
        text += stack.empty() ? "; no thread runs it" : "; its thread goes on (most recent call last):\n" + stack;
        while (text.ends_with('\n')) text.pop_back();
        context_.log->error(text);
    }
}

/// The main thread of a worker with queued dispatch: signals, and the heartbeat that proves that Python runs.
Result<void> Worker::watch_signals(gateway::InterpreterLock& lock, QueuedDispatch& dispatch) {
    while (!engine_done_) {
        lock.take();
        GN_CHECK(lock.run_signal_handlers());
        if (exit_status_ >= 0) return failure(ErrorKind::system_exit, {}, exit_status_);
        notify();
        log_overdue(dispatch);
        look_for_changes(lock);
        lock.drop();
        // Without a reloader the second is -1, which poll() passes over.
        pollfd wait[] = {{wakeup_.read_end.get(), POLLIN, 0}, {reloader_ ? reloader_->fd() : -1, POLLIN, 0}};
        ::poll(wait, 2, static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(heartbeat_wait()).count()));
        if (wait[1].revents != 0) reloader_->on_readable();
        empty(wakeup_.read_end.get());
    }
    lock.take();
    log_overdue(dispatch);
    return {};
}

Result<void> Worker::serve_queued(Booted& booted) {
    const std::unique_ptr<gateway::InterpreterLock> lock = context_.runtime->make_lock();
    AppErrors errors(*context_.log, [this](int status) { end_with(status); });
    GN_TRY(std::unique_ptr<QueuedDispatch> dispatch,
           QueuedDispatch::create(
               *booted.application, std::move(errors),
               context_.access_log ? context_.access_log->format().environ_names() : std::vector<std::string>()));
    booted.engine->set_dispatch(dispatch.get());
    dispatch->count_queue_in(*context_.slot);
    std::thread engine_thread;
    Result<void> outcome = start_engine_thread(booted, *dispatch, engine_thread);
    if (outcome) outcome = watch_signals(*lock, *dispatch);
    engine_quit_ = true;
    dispatch->close();
    wake_main();
    lock->drop();
    if (engine_thread.joinable()) engine_thread.join();
    threads_left_ = !dispatch->wait_until_unused(kThreadGrace);
    lock->take();
    dispatch->detach();
    if (threads_left_) {
        static_cast<void>(dispatch.release());
    } else {
        booted.engine->drop_responses();  // while what they may call is there
    }
    return outcome;
}

}  // namespace gunicorn::server
