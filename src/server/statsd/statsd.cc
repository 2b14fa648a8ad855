#include "server/statsd/statsd.h"

#include <fmt/format.h>

#include "base/sys.h"

namespace gunicorn::server {
namespace {

using gateway::LogLevel;

/// Empty for a level that is not counted.
std::string_view metric_of(LogLevel level, std::string_view message) {
    constexpr std::string_view kTraceback = "\nTraceback (most recent call last):\n";
    switch (level) {
        case LogLevel::critical: return "gunicorn.log.critical";
        case LogLevel::error:
            return message.find(kTraceback) != message.npos ? "gunicorn.log.exception" : "gunicorn.log.error";
        case LogLevel::warning: return "gunicorn.log.warning";
        case LogLevel::info:
        case LogLevel::debug: break;
    }
    return {};
}

}  // namespace

Statsd::Statsd(StatsdSocket socket, StatsdFormat format, MetricsOfRequests requests)
    : socket_(std::move(socket)), format_(std::move(format)) {
    if (requests == MetricsOfRequests::native) requests_.emplace(format_, socket_, socket_.most_bytes());
}

Result<std::unique_ptr<Statsd>> Statsd::open(const config::Settings& settings, MetricsOfRequests requests) {
    GN_TRY(StatsdSocket socket, StatsdSocket::open(statsd_address(settings.statsd_host.value())));
    StatsdFormat format(settings.statsd_prefix, settings.dogstatsd_tags.value_or(""));
    return std::unique_ptr<Statsd>(new Statsd(std::move(socket), std::move(format), requests));
}

void Statsd::send(std::string_view name, std::uint64_t value, MetricType type) noexcept {
    socket_.send(format_.line(name, value, type));
}

std::string Statsd::describe_losses() const {
    if (socket_.lost() == 0) return {};
    return fmt::format("statsd_host: datagrams that were not sent: {} ({})", socket_.lost(),
                       sys::describe_errno(socket_.last_error()));
}

void CountedLog::write(LogLevel level, std::string_view message) {
    log_->write(level, message);
    const std::string_view metric = metric_of(level, message);
    if (!metric.empty()) statsd_.send(metric, 1, MetricType::counter);
}

}  // namespace gunicorn::server
