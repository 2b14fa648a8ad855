#include "server/arbiter/master_metrics.h"

#include <algorithm>
#include <utility>

#include "server/net/listen_queue.h"

namespace gunicorn::server {
namespace {

constexpr Duration kBacklogInterval = std::chrono::seconds(1);

/// Of all listeners that can tell; nothing when none can.
std::optional<std::uint64_t> backlog_of(const Generation& generation) {
    std::optional<std::uint64_t> sum;
    for (const Listener& listener : generation.listeners) {
        if (const auto waiting = queued_connections(listener.fd(), listener.family())) sum = sum.value_or(0) + *waiting;
    }
    return sum;
}

}  // namespace

void MasterMetrics::tick(const Generation& generation, std::size_t workers, TimePoint now) {
    if (!generation.statsd) {
        *this = {};
        return;
    }
    Statsd& statsd = *generation.statsd;
    if (std::exchange(generation_, generation.number) != generation.number) workers_.reset();
    if (std::exchange(workers_, workers) != workers) statsd.send("gunicorn.workers", workers, MetricType::gauge);
    if (!generation.settings.enable_backlog_metric) {
        backlog_due_.reset();
    } else if (until_due(now) == Duration::zero() || !backlog_due_) {
        backlog_due_ = now + kBacklogInterval;
        if (const auto waiting = backlog_of(generation)) statsd.send("gunicorn.backlog", *waiting, MetricType::histogram);
    }
}

Duration MasterMetrics::until_due(TimePoint now) const noexcept {
    return backlog_due_ ? std::max(*backlog_due_ - now, Duration::zero()) : Duration::max();
}

}  // namespace gunicorn::server
