// What the master does between a configuration that was read and the first worker of it, and how that is undone.
#include "server/arbiter/arbiter.h"
#include "server/arbiter/bound_listeners.h"
#include "server/arbiter/settings_policy.h"
#include "server/worker/engine_options.h"

namespace gunicorn::server {

using gateway::CountView;
using gateway::ServerView;

/// reload: once the configuration itself is edited, as HUP does.
void Arbiter::watch_configuration() {
    if (policy_.stop) return;
    const auto changed = config_watch_.look(generation(), *services_.runtime, Clock::now());
    if (!changed) return;
    log().info("Configuration reloading: " + *changed + " modified");
    reload_.request(upgrade_.master_name());
}

/// Gunicorn: Arbiter.reload. The check has passed; what fails now leaves everything as it is.
void Arbiter::begin_reload() {
    const Fallback running{policy_.generation, policy_.wanted};
    reopen_logs();
    Result<void> prepared;
    bool is_late = false;
    {
        const Interruptible interruptible(services_.loader->interrupter(), services_.check_limit);
        signals_->claim();
        prepared = reload_.load();
        signals_->claim();  // the configuration may have handlers of its own
        if (prepared) prepared = prepare_generation();
        is_late = interruptible.is_late();
    }
    services_.loader->forget_interrupts();
    if (prepared) return reload_.begin(running);
    const Error& error = prepared.error();
    const bool exits = error.kind == ErrorKind::system_exit && error.message.empty();
    std::string reason = exits ? "exit with code " + std::to_string(error.code) : error.message;
    if (is_late) reason += "\nIt took longer than the time limit of a check.";
    go_back(running.wanted, reason);
}

/// What may fail between a configuration that was read and the first of its workers.
Result<void> Arbiter::prepare_generation() {
    const Generation& running = reload_.running();
    GN_TRY(generation().listeners, bound_listeners(generation().settings, running.listeners, [this](const Address& address) {
               return Listener::open_for_master(address, listener_options(generation().settings));
           }));
    GN_TRY(generation().status_listeners,
           bound_status_listeners(generation().settings, running.status_listeners, [this](const Address& address) {
               return Listener::open(address, status_listener_options(generation().settings));
           }));
    const std::size_t before = policy_.wanted;
    follow_settings(policy_of(generation().settings, generation().worker_class).wanted);
    // The number of TTIN and TTOU ends here.
    GN_CHECK(generation().hooks.nworkers_changed(ServerView{}, CountView(policy_.wanted), CountView(before)));
    GN_CHECK(generation().hooks.on_reload(ServerView{}));
    take_runtime_settings();
    GN_CHECK(write_pidfile());
    if (retired_listeners(generation().listeners, running.listeners) != 0) tell_addresses();
    if (retired_listeners(generation().status_listeners, running.status_listeners) != 0) tell_status_address();
    return {};
}

/// The policy becomes that of the generation's settings; where a reload or a stop stands is not among them.
void Arbiter::follow_settings(std::size_t wanted) {
    Policy policy = policy_of(generation().settings, generation().worker_class);
    policy.wanted = wanted;
    policy.generation = policy_.generation;
    policy.fallback = policy_.fallback;
    policy.on_boot_failure = policy_.on_boot_failure;
    policy.stop = policy_.stop;
    policy_ = policy;
}

/// The file that the settings ask for. The one of other settings goes when the reload is settled.
Result<void> Arbiter::write_pidfile() {
    const config::Settings& settings = generation().settings;
    std::optional<Pidfile> written;
    if (has_pidfile(settings)) {
        written.emplace(upgrade_.pidfile_path(*settings.pidfile));
        GN_CHECK(written->create(::getpid()));
    }
    const bool moves = pidfile_ && (!written || !pidfile_->is_same_file(*written));
    if (moves) former_pidfile_ = std::move(pidfile_);
    pidfile_ = std::move(written);
    return {};
}

void Arbiter::settle_pidfile() {
    if (!former_pidfile_ || policy_.fallback) return;
    former_pidfile_->unlink();
    former_pidfile_.reset();
}

/// The settings are those of before again.
void Arbiter::restore_pidfile() {
    const std::optional<Pidfile> given_up = std::exchange(pidfile_, std::nullopt);
    if (former_pidfile_) pidfile_ = std::exchange(former_pidfile_, std::nullopt);
    if (auto written = write_pidfile(); !written) log().error(written.error().message);
    if (given_up && (!pidfile_ || !pidfile_->is_same_file(*given_up))) Pidfile(*given_up).unlink();
}

std::string Arbiter::describe(const BootFailure& failure) const {
    const std::string what = "the first new worker (pid:" + std::to_string(failure.pid) + ") ended with code " +
                             std::to_string(failure.code) + " before it was ready.";
    return last_failure_ && last_failure_->pid == failure.pid ? what + "\n" + summary_of(*last_failure_) : what;
}

/// Nobody has seen the new generation serve.
void Arbiter::abandon_reload(const std::string& reason) {
    const std::size_t wanted = policy_.fallback->wanted;
    const std::size_t tried = policy_.wanted;
    server::go_back(policy_, table_);
    policy_.wanted = tried;
    go_back(wanted, reason);
}

/// To the configuration before, and to as many workers.
void Arbiter::go_back(std::size_t wanted, const std::string& reason) {
    reload_.give_up(reason);
    const std::size_t tried = policy_.wanted;
    follow_settings(wanted);
    restore_pidfile();
    if (wanted == tried) return;
    if (auto told = generation().hooks.nworkers_changed(ServerView{}, CountView(wanted), CountView(tried)); !told) {
        log().error("Exception in nworkers_changed hook\n" + told.error().message);
    }
}

}  // namespace gunicorn::server
