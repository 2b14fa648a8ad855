#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "config/settings.gen.h"
#include "gateway/log_sink.h"
#include "server/statsd/request_metrics.h"
#include "server/statsd/statsd_format.h"
#include "server/statsd/statsd_socket.h"

namespace gunicorn::server {

/// Who counts requests and lines of the log: this server, or the user's logger, which derives from Statsd.
enum class MetricsOfRequests { native, by_logger };

/// Metrics of one generation. Made by the master, used by it and by its workers.
class Statsd {
public:
    /// `settings.statsd_host` is given. **Blocks** once for the name of the host.
    static Result<std::unique_ptr<Statsd>> open(const config::Settings& settings, MetricsOfRequests requests);

    /// At once, in a datagram of its own. Any thread.
    void send(std::string_view name, std::uint64_t value, MetricType type) noexcept;
    /// Null when the logger counts them.
    [[nodiscard]] RequestMetrics* requests() noexcept { return requests_ ? &*requests_ : nullptr; }
    /// "statsd_host: datagrams that were not sent: 5 (...)"; empty when all were. Of this process.
    [[nodiscard]] std::string describe_losses() const;

private:
    Statsd(StatsdSocket socket, StatsdFormat format, MetricsOfRequests requests);

    StatsdSocket socket_;
    StatsdFormat format_;
    std::optional<RequestMetrics> requests_;
};

/// An error log whose lines count: gunicorn.log.critical, .error, .warning, and .exception for an error with a traceback
/// (Gunicorn: the methods of Statsd). Every line does, whether its level is written or not.
class CountedLog final : public gateway::LogSink {
public:
    /// `statsd` outlives it.
    CountedLog(std::unique_ptr<gateway::LogSink> log, Statsd& statsd) : log_(std::move(log)), statsd_(statsd) {}

    void write(gateway::LogLevel level, std::string_view message) override;
    [[nodiscard]] bool is_enabled(gateway::LogLevel level) const override { return log_->is_enabled(level); }
    void reopen() override { log_->reopen(); }
    [[nodiscard]] int fd() const override { return log_->fd(); }

private:
    std::unique_ptr<gateway::LogSink> log_;
    Statsd& statsd_;
};

}  // namespace gunicorn::server
