#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/log_sink.h"
#include "server/log/log_file.h"

namespace gunicorn::server {

/// log_format: one JSON object a record, or Gunicorn's lines.
enum class LogFormat { text, json };

/// The error log without Python: "[2026-11-22 05:45:50 +0000] [pid] [LEVEL] message", or an object with time, level, pid,
/// logger and message (docs/logging.md). One write(2) a record; any thread, no locks. How many records were lost is told by
/// one more, behind the first that is not.
class ErrorLog final : public gateway::LogSink {
public:
    /// `path` "-" is standard error. Records below `level` are dropped. `owner` as in LogFile::open.
    static Result<std::unique_ptr<ErrorLog>> create(const std::string& path, gateway::LogLevel level,
                                                    std::optional<FileOwner> owner = {},
                                                    LogFormat format = LogFormat::text);

    /// As text the message is written as it is, line breaks included: whoever quotes a client escapes first.
    void write(gateway::LogLevel level, std::string_view message) override;
    [[nodiscard]] bool is_enabled(gateway::LogLevel level) const override { return level >= level_; }
    /// Says in the log when a file cannot be opened again; the old one is then still in use.
    void reopen() override;

    [[nodiscard]] std::uint64_t lost() const noexcept { return file_.lost(); }
    [[nodiscard]] int fd() const override { return file_.fd(); }

private:
    ErrorLog(LogFile file, gateway::LogLevel level, LogFormat format)
        : file_(std::move(file)), level_(level), format_(format) {}
    [[nodiscard]] std::string line_of(gateway::LogLevel level, std::string_view message) const;
    void tell_losses();

    LogFile file_;
    gateway::LogLevel level_;
    LogFormat format_;
    std::atomic<std::uint64_t> told_{0};  // of lost()
};

/// Gunicorn's names in any case, "critical" ... "debug"; everything else is info, as in its Logger.setup.
[[nodiscard]] gateway::LogLevel level_named(std::string_view name);
/// "WARNING"
[[nodiscard]] std::string_view name_of(gateway::LogLevel level) noexcept;

}  // namespace gunicorn::server
