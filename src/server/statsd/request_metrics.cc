#include "server/statsd/request_metrics.h"

#include <algorithm>

#include "server/log/log_number.h"

namespace gunicorn::server {
namespace {

constexpr std::size_t kMostDigits = 20;

}  // namespace

RequestMetrics::RequestMetrics(const StatsdFormat& format, DatagramSink& sink, std::size_t most_bytes)
    : sink_(sink),
      most_bytes_(most_bytes),
      duration_head_(format.head("gunicorn.request.duration")),
      duration_tail_(format.tail(MetricType::timer)),
      requests_head_(format.head("gunicorn.requests")),
      status_head_(format.head("gunicorn.request.status.")),
      counter_tail_(format.tail(MetricType::counter)) {
    status_head_.pop_back();  // its ":" comes behind the status
    datagram_.reserve(most_bytes);
    statuses_.reserve(16);
}

/// For one more duration, and behind it the counters of all statuses, one more than there are.
bool RequestMetrics::has_room() const noexcept {
    const std::size_t duration = duration_head_.size() + kMostDigits + duration_tail_.size() + 1;
    const std::size_t counter = status_head_.size() + 2 * kMostDigits + counter_tail_.size() + 1;
    return datagram_.size() + duration + (statuses_.size() + 2) * counter <= most_bytes_;
}

void RequestMetrics::record(int status, Duration duration) noexcept {
    if (requests_ != 0 && !has_room()) flush();
    if (!datagram_.empty()) datagram_ += '\n';
    datagram_ += duration_head_;
    append_milliseconds(duration, datagram_);
    datagram_ += duration_tail_;
    ++requests_;
    const auto known = std::ranges::find(statuses_, status, &std::pair<int, std::uint64_t>::first);
    if (known != statuses_.end()) {
        ++known->second;
    } else {
        statuses_.emplace_back(status, 1);
    }
}

Duration RequestMetrics::on_sleep(TimePoint now) noexcept {
    if (requests_ == 0) return Duration::max();
    if (!due_) due_ = now + kHold;
    if (now < *due_) return *due_ - now;
    flush();
    return Duration::max();
}

void RequestMetrics::flush() noexcept {
    if (requests_ == 0) return;
    due_.reset();
    line_ = requests_head_;
    append_number(static_cast<std::int64_t>(std::exchange(requests_, 0)), line_);
    line_ += counter_tail_;
    add_line(line_);
    for (const auto& [status, count] : statuses_) {
        line_ = status_head_;
        append_number(std::max(status, 0), line_);
        line_ += ':';
        append_number(static_cast<std::int64_t>(count), line_);
        line_ += counter_tail_;
        add_line(line_);
    }
    statuses_.clear();
    send_datagram();
}

void RequestMetrics::add_line(std::string_view line) {
    if (!datagram_.empty() && datagram_.size() + 1 + line.size() > most_bytes_) send_datagram();
    if (!datagram_.empty()) datagram_ += '\n';
    datagram_ += line;
}

void RequestMetrics::send_datagram() noexcept {
    sink_.send(datagram_);
    datagram_.clear();
}

}  // namespace gunicorn::server
