#pragma once

#include <csignal>
#include <cstddef>

namespace gunicorn::server {

/// While it lives, signal handlers of this thread that ask for it (SA_ONSTACK) have a stack of their own, so that one can
/// say what happened when the thread's own is used up. Made and destroyed by the same thread. Without memory there is none.
class AlternateStack {
public:
    AlternateStack() noexcept;
    AlternateStack(const AlternateStack&) = delete;
    AlternateStack& operator=(const AlternateStack&) = delete;
    ~AlternateStack();

private:
    static constexpr std::size_t kSize = 128U << 10U;  // an unwinder and the widest registers; untouched pages cost nothing

    stack_t before_{};
    void* memory_ = nullptr;  // the mapping
};

}  // namespace gunicorn::server
