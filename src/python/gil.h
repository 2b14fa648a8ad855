#pragma once

#include "python/python.h"

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
        if (saved_ != nullptr) PyEval_RestoreThread(std::exchange(saved_, nullptr));
    }
    void drop() override {
        if (saved_ == nullptr) saved_ = PyEval_SaveThread();
    }
    [[nodiscard]] bool held() const override { return saved_ == nullptr; }
    Result<void> run_signal_handlers() override;

private:
    PyThreadState* saved_ = nullptr;
};

}  // namespace gunicorn::python
