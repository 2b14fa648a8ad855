#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "gateway/log_sink.h"
#include "server/log/log_file.h"

namespace gunicorn::server {

/// The error log without Python: "[2026-11-22 05:45:50 +0000] [pid] [LEVEL] message". One write(2) a record; any thread, no
/// locks.
class ErrorLog final : public gateway::LogSink {
public:
    /// `path` "-" is standard error. Records below `level` are dropped. `owner` as in LogFile::open.
    static Result<std::unique_ptr<ErrorLog>> create(const std::string& path, gateway::LogLevel level,
                                                    std::optional<FileOwner> owner = {});

    /// The message is written as it is, line breaks included: whoever quotes a client escapes first.
    void write(gateway::LogLevel level, std::string_view message) override;
    [[nodiscard]] bool is_enabled(gateway::LogLevel level) const override { return level >= level_; }
    /// Says in the log when a file cannot be opened again; the old one is then still in use.
    void reopen() override;

    [[nodiscard]] std::uint64_t lost() const noexcept { return file_.lost(); }
    [[nodiscard]] int fd() const override { return file_.fd(); }

private:
    ErrorLog(LogFile file, gateway::LogLevel level) : file_(std::move(file)), level_(level) {}

    LogFile file_;
    gateway::LogLevel level_;
};

/// Gunicorn's names in any case, "critical" ... "debug"; everything else is info, as in its Logger.setup.
[[nodiscard]] gateway::LogLevel level_named(std::string_view name);
/// "WARNING"
[[nodiscard]] std::string_view name_of(gateway::LogLevel level) noexcept;

}  // namespace gunicorn::server
