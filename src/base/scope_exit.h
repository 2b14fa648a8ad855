#pragma once

#include <utility>

namespace gunicorn {

/// Runs a function when the scope ends, whichever way it ends.
template <class F>
class [[nodiscard]] ScopeExit {
public:
    explicit ScopeExit(F function) : function_(std::move(function)) {}
    ScopeExit(const ScopeExit&) = delete;
    ScopeExit& operator=(const ScopeExit&) = delete;
    ~ScopeExit() {
        if (armed_) function_();
    }
    /// The function will not run.
    void dismiss() noexcept { armed_ = false; }

private:
    F function_;
    bool armed_ = true;
};

}  // namespace gunicorn
