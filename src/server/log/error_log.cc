#include "server/log/error_log.h"

#include <unistd.h>

#include <iterator>

#include <fmt/format.h>

#include "base/json_text.h"
#include "base/text.h"
#include "server/log/log_date.h"

namespace gunicorn::server {

using gateway::LogLevel;

Result<std::unique_ptr<ErrorLog>> ErrorLog::create(const std::string& path, LogLevel level, std::optional<FileOwner> owner,
                                                    LogFormat format) {
    GN_TRY(LogFile file, LogFile::open(path, StandardStream::error, owner));
    return std::unique_ptr<ErrorLog>(new ErrorLog(std::move(file), level, format));
}

void ErrorLog::write(LogLevel level, std::string_view message) {
    if (!is_enabled(level)) return;
    if (file_.write(line_of(level, message)) && lost() != told_.load(std::memory_order_relaxed)) tell_losses();
}

void ErrorLog::tell_losses() {
    const std::uint64_t lost_now = lost();
    std::uint64_t told = told_.load(std::memory_order_relaxed);
    if (lost_now <= told || !told_.compare_exchange_strong(told, lost_now)) return;
    const std::uint64_t count = lost_now - told;
    const std::string report = line_of(LogLevel::warning, losses("error", count, file_.last_error()));
    if (!file_.write(report)) told_.fetch_sub(count - 1);  // this line is one more, but only one
}

std::string ErrorLog::line_of(LogLevel level, std::string_view message) const {
    std::string line;
    line.reserve(message.size() + 128);
    if (format_ == LogFormat::json) {
        line += "{\"time\":\"";
        append_rfc3339_date(WallClock::now(), line);
        fmt::format_to(std::back_inserter(line), R"(","level":"{}","pid":{},"logger":"gunicorn.error","message":)",
                       name_of(level), ::getpid());
        append_json_text(message, line);
        line += '}';
    } else {
        append_error_date(WallClock::now(), line);
        fmt::format_to(std::back_inserter(line), " [{}] [{}] ", ::getpid(), name_of(level));
        line += message;
    }
    line += '\n';
    return line;
}

void ErrorLog::reopen() {
    if (auto reopened = file_.reopen(); !reopened) error(reopened.error().message);
}

LogLevel level_named(std::string_view name) {
    for (const LogLevel level : {LogLevel::debug, LogLevel::warning, LogLevel::error, LogLevel::critical}) {
        if (text::equal_ignoring_case(name, name_of(level))) return level;
    }
    return LogLevel::info;
}

std::string_view name_of(LogLevel level) noexcept {
    switch (level) {
        case LogLevel::debug: return "DEBUG";
        case LogLevel::info: return "INFO";
        case LogLevel::warning: return "WARNING";
        case LogLevel::error: return "ERROR";
        case LogLevel::critical: return "CRITICAL";
    }
    return "INFO";
}

}  // namespace gunicorn::server
