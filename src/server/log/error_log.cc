#include "server/log/error_log.h"

#include <unistd.h>

#include <iterator>

#include <fmt/format.h>

#include "base/text.h"
#include "server/log/log_date.h"

namespace gunicorn::server {

using gateway::LogLevel;

Result<std::unique_ptr<ErrorLog>> ErrorLog::create(const std::string& path, LogLevel level, std::optional<FileOwner> owner) {
    GN_TRY(LogFile file, LogFile::open(path, StandardStream::error, owner));
    return std::unique_ptr<ErrorLog>(new ErrorLog(std::move(file), level));
}

void ErrorLog::write(LogLevel level, std::string_view message) {
    if (!is_enabled(level)) return;
    std::string line;
    line.reserve(message.size() + 64);
    append_error_date(WallClock::now(), line);
    fmt::format_to(std::back_inserter(line), " [{}] [{}] ", ::getpid(), name_of(level));
    line += message;
    line += '\n';
    file_.write(line);
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
