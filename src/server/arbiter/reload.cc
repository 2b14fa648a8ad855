#include "server/arbiter/reload.h"

#include <algorithm>
#include <utility>

#include "config/cross_checks.h"
#include "server/arbiter/bound_listeners.h"

namespace gunicorn::server {
namespace {

/// Descriptors that `bind` names by number: a check expects them there.
std::vector<PassedDescriptor> named_descriptors(const Generation& generation) {
    std::vector<PassedDescriptor> passed;
    for (const Listener& listener : generation.listeners) {
        if (listener.configured().kind == AddressKind::descriptor) {
            passed.push_back({listener.fd(), listener.configured().fd});
        }
    }
    return passed;
}

}  // namespace

Reload::~Reload() {
    if (wanted_) wanted_->tls.reset();
    if (fallback_) fallback_->tls.reset();
}

Result<void> Reload::start(Scoreboard& board) {
    board_ = &board;
    GN_TRY(wanted_->tls, tls_.load(wanted_->settings, Clock::now()));
    return {};
}

Generation& Reload::generation(std::uint64_t number) noexcept {
    return fallback_ && fallback_->number == number ? *fallback_ : *wanted_;
}

void Reload::request(const std::string& master_name) {
    log_.info("Hang up: " + master_name);  // Gunicorn: Arbiter.handle_hup
    if (phase_ != Phase::idle) log_.info("A reload is under way; another one follows it.");
    requested_ = true;
}

void Reload::cancel() {
    requested_ = false;
    if (phase_ == Phase::checking) phase_ = Phase::idle;
    check_.reset();
}

std::array<int, 2> Reload::fds() const noexcept { return check_ ? check_->fds() : std::array<int, 2>{-1, -1}; }

bool Reload::advance(TimePoint now) {
    if (settle(policy_, workers_)) drop_fallback();
    if (phase_ == Phase::replacing && !is_replacing(workers_, policy_)) {
        phase_ = Phase::idle;
        outcome_ = "Reload complete";
        ++completed_;
        log_.info("Reload complete.");
    }
    if (auto rotated = tls_.rotate_when_due(now); !rotated) {
        log_.error("Session tickets: " + rotated.error().message);
    }
    if (policy_.stop) return false;
    if (requested_ && may_start(now)) start_check(now);
    return phase_ == Phase::checking && finish_check(now);
}

/// One at a time; but where the first new worker was good and the next ones are not, another configuration is the cure.
bool Reload::may_start(TimePoint now) const {
    if (phase_ == Phase::checking || policy_.fallback) return false;
    return !is_replacing(workers_, policy_) || workers_.crash_rounds(now).count > 0;
}

void Reload::reopen_logs() {
    for (const auto* generation : {&wanted_, &fallback_}) {
        if (!*generation) continue;
        (*generation)->log->reopen();
        AccessLog* const access_log = (*generation)->access_log.get();
        if (access_log == nullptr) continue;
        if (auto reopened = access_log->reopen(); !reopened) log_.error(reopened.error().message);
    }
}

void Reload::start_check(TimePoint now) {
    requested_ = false;
    if (config::is_preloaded(wanted_->settings)) {
        log_.warning("With preload_app the code of the application stays: HUP does not read it again, USR2 does.");
    }
    auto started = CheckProcess::start(*services_.start, named_descriptors(*wanted_), services_.check_limit, now);
    if (!started) return refuse(started.error().message);
    check_.emplace(*std::move(started));
    phase_ = Phase::checking;
}

bool Reload::finish_check(TimePoint now) {
    auto outcome = check_->poll(now);
    if (!outcome) return false;
    check_.reset();
    phase_ = Phase::idle;
    if (!outcome->passed) {
        refuse("the check of the configuration failed.\n" + outcome->text);
        return false;
    }
    if (!outcome->text.empty()) log_.warning("The check of the configuration says:\n" + outcome->text);
    return true;
}

void Reload::refuse(const std::string& reason) {
    outcome_ = "Reload given up";
    ++given_up_;
    log_.error("Reload given up, the running configuration and workers stay: " + reason);
}

Result<void> Reload::load() {
    phase_ = Phase::loading;
    GN_TRY(std::unique_ptr<Generation> loaded, services_.loader->load(++last_number_, *wanted_));
    fallback_ = std::exchange(wanted_, std::move(loaded));
    GN_TRY(wanted_->tls, tls_.load(wanted_->settings, Clock::now()));
    return {};
}

void Reload::begin(const Fallback& running) {
    begin_trial(policy_, wanted_->number, running);
    phase_ = Phase::replacing;
    if (!policy_.fallback) drop_fallback();  // no workers are wanted: nothing can be tried
}

void Reload::give_up(const std::string& reason) {
    phase_ = Phase::idle;
    std::unique_ptr<Generation> refused;
    if (fallback_) {
        refused = std::exchange(wanted_, std::move(fallback_));
        close_listeners(refused->listeners, wanted_->listeners, files());
        close_listeners(refused->status_listeners, wanted_->status_listeners, files());
    }
    if (auto entered = services_.loader->enter(*wanted_); !entered) log_.error(entered.error().message);
    refuse(reason);
}

void Reload::drop_fallback() {
    if (!fallback_) return;
    const std::uint64_t retired = retired_listeners(fallback_->listeners, wanted_->listeners);
    for (const WorkerRow& row : workers_.rows()) {
        if (row.generation == fallback_->number) board_->slot(row.slot).announce_retired_listeners(retired);
    }
    close_listeners(fallback_->listeners, wanted_->listeners, files());
    close_listeners(fallback_->status_listeners, wanted_->status_listeners, files());
    fallback_.reset();
}

SocketFiles Reload::files() const { return services_.owns_files() ? SocketFiles::remove : SocketFiles::keep; }

void Reload::close_all_listeners() noexcept {
    if (fallback_) close_listeners(fallback_->listeners, wanted_->listeners, files());
    close_listeners(wanted_->listeners, {}, files());
}

void Reload::close_status_listeners() noexcept {
    if (fallback_) close_listeners(fallback_->status_listeners, wanted_->status_listeners, files());
    close_listeners(wanted_->status_listeners, {}, files());
}

Result<void> Reload::become_worker_of(std::uint64_t number) {
    if (check_) check_->forget();
    check_.reset();
    if (!fallback_) return {};
    if (fallback_->number == number) {
        std::swap(fallback_, wanted_);
        if (auto entered = services_.loader->enter(*wanted_); !entered) return entered;
    }
    // The other one's listeners belong to others: closed here, they stay open there.
    fallback_.reset();
    return {};
}

}  // namespace gunicorn::server
