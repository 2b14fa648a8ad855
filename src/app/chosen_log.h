#pragma once

#include <atomic>
#include <memory>

#include "gateway/log_sink.h"

namespace gunicorn::app {

/// The error log of a generation: native as long as nobody has touched Python's loggers, else by way of them. That may change
/// while it is in use.
class ChosenLog final : public gateway::LogSink {
public:
    /// `is_native` outlives it.
    ChosenLog(std::unique_ptr<gateway::LogSink> native, std::unique_ptr<gateway::LogSink> python,
              const std::atomic<bool>& is_native)
        : native_(std::move(native)), python_(std::move(python)), is_native_(is_native) {}

    void write(gateway::LogLevel level, std::string_view message) override { now().write(level, message); }
    [[nodiscard]] bool is_enabled(gateway::LogLevel level) const override { return now().is_enabled(level); }
    void reopen() override { native_->reopen(); }
    [[nodiscard]] int fd() const override { return native_->fd(); }

private:
    [[nodiscard]] gateway::LogSink& now() const noexcept {
        return is_native_.load(std::memory_order_relaxed) ? *native_ : *python_;
    }

    std::unique_ptr<gateway::LogSink> native_;
    std::unique_ptr<gateway::LogSink> python_;
    const std::atomic<bool>& is_native_;
};

}  // namespace gunicorn::app
