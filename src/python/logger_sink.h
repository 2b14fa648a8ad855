#pragma once

#include "python/python.h"

#include "gateway/log_sink.h"
#include "python/ref.h"

namespace gunicorn::python {

/// The error log as a user's Python logger object (logger_class): every line goes through its methods. Takes the GIL for
/// each line, from any thread. A logger that raises loses the line; the exception is printed as Python prints unraisable
/// ones.
class LoggerSink final : public gateway::LogSink {
public:
    /// `logger` is an object with Gunicorn's Logger interface. GIL held.
    explicit LoggerSink(Ref logger) : logger_(std::move(logger)) {}
    ~LoggerSink() override;

    void write(gateway::LogLevel level, std::string_view message) override;
    [[nodiscard]] bool is_enabled(gateway::LogLevel level) const override;
    void reopen() override;

private:
    Ref logger_;
};

}  // namespace gunicorn::python
