#include "server/worker/request_counters.h"

#include <algorithm>
#include <numeric>

namespace gunicorn::server {
namespace {

/// With one writer no locked instruction is needed.
void add(std::atomic<std::uint64_t>& counter, std::uint64_t n) noexcept {
    counter.store(counter.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
}

std::size_t bucket_of(Duration duration) noexcept {
    const auto bucket = std::ranges::lower_bound(kDurationBounds, duration);
    return static_cast<std::size_t>(bucket - kDurationBounds.begin());
}

}  // namespace

std::uint64_t RequestTotals::requests() const noexcept {
    return std::accumulate(by_status.begin(), by_status.end(), std::uint64_t{0});
}

RequestTotals& RequestTotals::operator+=(const RequestTotals& other) noexcept {
    for (std::size_t i = 0; i < by_status.size(); ++i) by_status[i] += other.by_status[i];
    for (std::size_t i = 0; i < by_duration.size(); ++i) by_duration[i] += other.by_duration[i];
    duration += other.duration;
    bytes_sent += other.bytes_sent;
    return *this;
}

void RequestCounters::record(int status, Duration duration, std::uint64_t bytes_sent) noexcept {
    const auto index = static_cast<std::size_t>(status - RequestTotals::kFirstStatus);
    add(by_status_[std::min(index, by_status_.size() - 1)], 1);
    add(by_duration_[bucket_of(duration)], 1);
    add(nanoseconds_, static_cast<std::uint64_t>(duration.count()));
    add(bytes_sent_, bytes_sent);
}

void RequestCounters::clear() noexcept {
    for (Counter& one : by_status_) one.store(0, std::memory_order_relaxed);
    for (Counter& one : by_duration_) one.store(0, std::memory_order_relaxed);
    nanoseconds_.store(0, std::memory_order_relaxed);
    bytes_sent_.store(0, std::memory_order_relaxed);
}

RequestTotals RequestCounters::totals() const noexcept {
    RequestTotals totals;
    const auto value = [](const Counter& one) { return one.load(std::memory_order_relaxed); };
    std::ranges::transform(by_status_, totals.by_status.begin(), value);
    std::ranges::transform(by_duration_, totals.by_duration.begin(), value);
    totals.duration = Duration(static_cast<Duration::rep>(value(nanoseconds_)));
    totals.bytes_sent = value(bytes_sent_);
    return totals;
}

}  // namespace gunicorn::server
