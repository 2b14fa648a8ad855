#pragma once
// Where log lines go. Two forms exist: native writing to descriptors, and the user's Python logger class.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace gunicorn::http {
class RequestHead;
class ResponseHead;
}  // namespace gunicorn::http

namespace gunicorn::gateway {

/// Python's numeric levels.
enum class LogLevel { debug = 10, info = 20, warning = 30, error = 40, critical = 50 };

/// The error log ("gunicorn.error"). Never throws, never fails for its caller: a line that cannot be written is counted and lost.
class LogSink {
public:
    virtual ~LogSink() = default;
    /// One record; `message` may span lines (tracebacks).
    virtual void write(LogLevel level, std::string_view message) = 0;
    [[nodiscard]] virtual bool is_enabled(LogLevel level) const = 0;
    /// Closes and opens its files again (USR1).
    virtual void reopen() = 0;
    /// Where others may write beside it (faulthandler); it stays the same over reopen().
    [[nodiscard]] virtual int fd() const { return 2; }

    void debug(std::string_view m) { write(LogLevel::debug, m); }
    void info(std::string_view m) { write(LogLevel::info, m); }
    void warning(std::string_view m) { write(LogLevel::warning, m); }
    void error(std::string_view m) { write(LogLevel::error, m); }
    void critical(std::string_view m) { write(LogLevel::critical, m); }
};

}  // namespace gunicorn::gateway
