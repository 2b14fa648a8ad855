#pragma once

#include "python/python.h"

#include "base/clock.h"
#include "gateway/interpreter_lock.h"

namespace gunicorn::python {

/// Gives the GIL away for a scope in which only plain C++ data is touched.
class WithoutGil {
public:
    WithoutGil() : state_(PyEval_SaveThread()) {}
    WithoutGil(const WithoutGil&) = delete;
    WithoutGil& operator=(const WithoutGil&) = delete;
    ~WithoutGil() { PyEval_RestoreThread(state_); }

private:
    PyThreadState* state_;
};

/// The GIL of the thread that made it, which holds it at that moment (gateway::InterpreterLock).
class ThreadLock final : public gateway::InterpreterLock {
public:
    ThreadLock() = default;
    ~ThreadLock() override { ThreadLock::take(); }

    void take() override {
        if (saved_ == nullptr) return;
        const TimePoint asked = Clock::now();
        PyEval_RestoreThread(std::exchange(saved_, nullptr));
        const TimePoint got = Clock::now();
        if (got - asked >= kLongWait) wanted_until_ = got + kNeighbourStaysBusy;
    }
    void drop() override {
        if (saved_ == nullptr) saved_ = PyEval_SaveThread();
    }
    [[nodiscard]] bool held() const override { return saved_ == nullptr; }
    [[nodiscard]] bool is_wanted() const override { return wanted_until_ != TimePoint::min() && Clock::now() < wanted_until_; }
    Result<void> run_signal_handlers() override;

private:
    static constexpr auto kLongWait = std::chrono::milliseconds(1);
    // The GIL also goes and comes within calls of the application, unseen here.
    static constexpr auto kNeighbourStaysBusy = std::chrono::milliseconds(100);

    PyThreadState* saved_ = nullptr;
    TimePoint wanted_until_ = TimePoint::min();
};

}  // namespace gunicorn::python
