#pragma once

#include "python/python.h"

#include "gateway/log_sink.h"
#include "python/log_choice.h"
#include "python/ref.h"

namespace gunicorn::python {

/// The error log as a Python logger object (logger_class, logconfig, syslog): every line goes through its methods. Takes the
/// GIL for each line, from any thread. A logger that raises loses the line; the exception is printed as Python prints
/// unraisable ones. The level is asked again behind each line: what the application sets is followed from the next one on.
class LoggerSink final : public gateway::LogSink {
public:
    /// `logger` is an object with Gunicorn's Logger interface; `choice` outlives the sink. GIL held.
    LoggerSink(Ref logger, LogChoice& choice) : logger_(std::move(logger)), choice_(choice) {}
    ~LoggerSink() override;

    void write(gateway::LogLevel level, std::string_view message) override;
    [[nodiscard]] bool is_enabled(gateway::LogLevel level) const override {
        return static_cast<int>(level) >= choice_.least_level.load(std::memory_order_relaxed);
    }
    /// Nothing: reopen_files() is called by whoever heard USR1, before it tells the native logs.
    void reopen() override {}

private:
    void follow_level();

    Ref logger_;
    LogChoice& choice_;
};

}  // namespace gunicorn::python
