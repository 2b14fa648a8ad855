#pragma once
// GN_ASSERT states a belief whose failure is a bug of ours: it says so and aborts, and the worker is replaced.
// Never for input, files, peers or Python code.

namespace gunicorn {

/// Writes one line to standard error and aborts. Async-signal-safe; allocates nothing.
[[noreturn]] void assertion_failed(const char* condition, const char* belief, const char* file, int line) noexcept;

}  // namespace gunicorn

#define GN_ASSERT(condition, belief) \
    ((condition) ? static_cast<void>(0) : ::gunicorn::assertion_failed(#condition, belief, __FILE__, __LINE__))

#ifdef NDEBUG
#define GN_DEBUG_ASSERT(condition, belief) static_cast<void>(0)
#else
#define GN_DEBUG_ASSERT(condition, belief) GN_ASSERT(condition, belief)
#endif
