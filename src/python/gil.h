#pragma once

#include "python/python.h"

#include <optional>

#include "base/clock.h"
#include "gateway/interpreter_lock.h"
#include "python/error.h"

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

/// Takes the GIL for a scope, whether or not this thread has it, and leaves it as it was.
class WithGil {
public:
    WithGil() : state_(PyGILState_Ensure()) {}
    WithGil(const WithGil&) = delete;
    WithGil& operator=(const WithGil&) = delete;
    ~WithGil() { PyGILState_Release(state_); }

private:
    PyGILState_STATE state_;
};

/// What a signal handler of Python raised inside of a call that cannot hand it on, such as one of ssl: kept until the main
/// thread asks for signals. GIL held for everything.
class Interruption {
public:
    void keep(Exception exception) { exception_ = std::move(exception); }
    [[nodiscard]] std::optional<Exception> take() { return std::exchange(exception_, std::nullopt); }

private:
    std::optional<Exception> exception_;
};

/// The GIL of the thread that made it, which holds it at that moment (gateway::InterpreterLock).
class ThreadLock final : public gateway::InterpreterLock {
public:
    ThreadLock() = default;
    /// run_signal_handlers() answers what `interruption` keeps, too; it outlives the lock.
    explicit ThreadLock(Interruption& interruption) : interruption_(&interruption) {}
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
    [[nodiscard]] bool is_wanted() const override {
        return wanted_until_ != TimePoint::min() && Clock::now() < wanted_until_;
    }
    Result<void> run_signal_handlers() override;

private:
    static constexpr auto kLongWait = std::chrono::milliseconds(1);
    // The GIL also goes and comes within calls of the application, unseen here.
    static constexpr auto kNeighbourStaysBusy = std::chrono::milliseconds(100);

    Interruption* interruption_ = nullptr;  // of the main thread
    PyThreadState* saved_ = nullptr;
    TimePoint wanted_until_ = TimePoint::min();
};

}  // namespace gunicorn::python
