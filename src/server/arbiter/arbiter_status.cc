// What the master says about itself and its workers to the status listener.
#include <unistd.h>

#include <algorithm>

#include "config/report/secrets.h"
#include "server/arbiter/arbiter.h"
#include "server/arbiter/bound_listeners.h"
#include "server/net/listen_queue.h"

namespace gunicorn::server {
namespace {

WorkerActivity activity_of(const WorkerRow& row, const WorkerSlot& slot) {
    if (row.state == WorkerState::booting) return WorkerActivity::booting;
    if (row.state != WorkerState::ready) return WorkerActivity::stopping;
    return slot.active_requests() > 0 ? WorkerActivity::busy : WorkerActivity::idle;
}

std::optional<CurrentRequest> current_request(const WorkerSlot& slot, TimePoint now) {
    const TimePoint began = slot.request_began();
    if (began == TimePoint()) return std::nullopt;
    return CurrentRequest{config::redact_text(slot.request_line()), std::max(now - began, Duration::zero())};
}

}  // namespace

Result<void> Arbiter::open_status_listener() {
    GN_TRY(generation().status_listeners, bound_status_listeners(generation().settings, {}, [this](const Address& address) {
               return open_listener(address, status_listener_options(generation().settings), upgrade_.status_sockets());
           }));
    tell_status_address();
    return {};
}

void Arbiter::tell_status_address() {
    for (const Listener& listener : generation().status_listeners) log().info("Status at: " + to_string(listener.local()));
}

/// While a reload can be undone, both addresses answer. Of two masters (USR2) the one does that serves for certain.
std::vector<int> Arbiter::status_fds() const {
    std::vector<int> fds;
    if (!upgrade_.speaks_for_service(false)) return fds;
    for (const Listener& listener : generation().status_listeners) fds.push_back(listener.fd());
    if (&reload_.running() == &generation()) return fds;
    for (const Listener& listener : reload_.running().status_listeners) fds.push_back(listener.fd());
    return fds;
}

/// Empty when traffic may come: the server will go on, and a worker of the wanted generation serves, or one of that which
/// goes on if the wanted one fails.
std::string Arbiter::why_not_ready() const {
    if (policy_.stop) return "the server stops";
    if (drain_until_) return "the server stops soon (drain_delay)";
    if (policy_.wanted == 0) return "no workers are wanted";
    const auto serves = [this](const WorkerRow& row) {
        const bool is_current =
            row.generation == policy_.generation || (policy_.fallback && row.generation == policy_.fallback->generation);
        return is_current && row.state == WorkerState::ready;
    };
    return std::ranges::any_of(table_.rows(), serves) ? "" : "no worker is ready";
}

WorkerStatus Arbiter::status_of(const WorkerRow& row, TimePoint now) const {
    const WorkerSlot& slot = scoreboard_->slot(row.slot);
    WorkerStatus worker;
    worker.number = row.slot;
    worker.pid = row.pid;
    worker.age = row.age;
    worker.generation = row.generation;
    worker.activity = activity_of(row, slot);
    worker.uptime = now - row.spawned_at;
    if (row.ready_at) worker.boot_time = *row.ready_at - row.spawned_at;
    worker.heartbeat_age = std::max(now - slot.last_beat(), Duration::zero());
    worker.requests = slot.request_counters().totals().requests();
    worker.active_requests = slot.active_requests();
    worker.queued_requests = slot.queued_requests();
    worker.accepted_connections = slot.accepted_connections();
    worker.open_connections = slot.open_connections();
    worker.current = current_request(slot, now);
    worker.usage = usage_of(row.pid);
    return worker;
}

ServerStatus Arbiter::status() const {
    const TimePoint now = Clock::now();
    ServerStatus status;
    status.version = "gunicorn " GN_VERSION;
    status.python_version = services_.python_version;
    status.pid = ::getpid();
    status.started_at = statistics_.started_at();
    status.uptime = now - statistics_.started();
    status.usage = usage_of(status.pid);
    status.unready = why_not_ready();
    status.worker_class = generation().worker_class;
    status.generation = generation().number;
    status.workers_wanted = policy_.wanted;
    status.changed_settings = generation().changed_settings;
    status.requests = statistics_.requests();
    status.accepted_connections = statistics_.accepted_connections();
    for (const WorkerRow& row : table_.rows()) {
        status.requests += scoreboard_->slot(row.slot).request_counters().totals();
        status.accepted_connections += scoreboard_->slot(row.slot).accepted_connections();
        status.workers.push_back(status_of(row, now));
    }
    status.workers_spawned = statistics_.spawned();
    status.worker_exits = statistics_.exits();
    status.reloads = {{"complete", reload_.completed()}, {"given_up", reload_.given_up()}};
    status.is_reloading = reload_.is_under_way();
    status.upgrades = {{"begun", upgrade_.begun()}, {"undone", upgrade_.undone()}};
    for (const Listener& listener : generation().listeners) {
        if (listener.fd() < 0) continue;  // the server stops
        status.listeners.push_back({to_string(listener.local(), scheme_of(generation().settings)),
                                    queued_connections(listener.fd(), listener.family())});
    }
    return status;
}

}  // namespace gunicorn::server
