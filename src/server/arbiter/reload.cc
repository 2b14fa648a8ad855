#include "server/arbiter/reload.h"

#include <algorithm>
#include <utility>

#include "config/cross_checks.h"

namespace gunicorn::server {

Result<void> Reload::start() {
    GN_TRY(generation_.tls, tls_.load(generation_.settings, Clock::now()));
    return {};
}

void Reload::request() {
    log_.info("Hang up: Master");  // Gunicorn: Arbiter.handle_hup
    if (under_way_) log_.info("A reload is under way; another one follows it.");
    requested_ = true;
}

Result<std::unique_ptr<TlsContext>> Reload::read_again() {
    requested_ = false;
    log_.warning("Configuration files are not read again yet: a changed setting needs a restart.");
    if (config::is_preloaded(generation_.settings)) {
        log_.warning("With preload_app the code of the application stays: HUP does not read it again, USR2 will.");
    }
    return tls_.load(generation_.settings, Clock::now());
}

void Reload::refuse(const Error& error) {
    const std::string reason = error.kind == ErrorKind::system_exit && error.message.empty()
                                   ? "exit with code " + std::to_string(error.code)
                                   : error.message;
    log_.error("Reload given up, the running workers and their certificate stay: " + reason);
}

void Reload::begin(std::unique_ptr<TlsContext> tls, const Fallback& running) {
    last_number_ = std::max(last_number_, generation_.number) + 1;
    under_way_ = true;
    begin_trial(policy_, last_number_, running);
    fallback_tls_ = std::exchange(generation_.tls, std::move(tls));
    if (!policy_.fallback) fallback_tls_.reset();
    generation_.number = last_number_;
}

void Reload::on_tick(TimePoint now) {
    if (settle(policy_, workers_)) fallback_tls_.reset();
    if (under_way_ && !is_replacing(workers_, policy_)) {
        under_way_ = false;
        log_.info("Reload complete.");
    }
    if (auto rotated = tls_.rotate_when_due(now); !rotated) log_.error("Session tickets: " + rotated.error().message);
}

void Reload::go_back_after(const BootFailure& failure) {
    go_back(policy_, workers_);
    generation_.tls = std::move(fallback_tls_);
    generation_.number = static_cast<std::uint32_t>(policy_.generation);
    under_way_ = false;
    log_.error("Reload given up, the running workers and their certificate stay: the first new worker (pid:" +
               std::to_string(failure.pid) + ") ended with code " + std::to_string(failure.code) + " before it was ready.");
}

void Reload::become_worker_of(std::uint64_t generation) {
    if (policy_.fallback && generation == policy_.fallback->generation) {
        generation_.tls = std::move(fallback_tls_);
        generation_.number = static_cast<std::uint32_t>(generation);
    }
    fallback_tls_.reset();
}

}  // namespace gunicorn::server
