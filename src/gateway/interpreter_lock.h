#pragma once

#include "base/clock.h"
#include "base/result.h"

namespace gunicorn::gateway {

/// The GIL, as code without Python sees it. One object a thread that runs an engine; it knows whether its thread holds the GIL.
class InterpreterLock {
public:
    virtual ~InterpreterLock() = default;
    /// Takes the GIL unless this thread has it. Blocks.
    virtual void take() = 0;
    /// Gives it away unless this thread does not have it.
    virtual void drop() = 0;
    [[nodiscard]] virtual bool held() const = 0;
    /// Another thread of Python is busy: take() had to wait, not long ago. Whoever gives the GIL away now waits as long again
    /// for his next request. False for good where nothing runs beside this thread, at no cost. GIL held.
    [[nodiscard]] virtual bool is_wanted() const = 0;
    /// So long it is worth to wait for a request with the GIL while is_wanted(): the shortest wait of epoll.
    static constexpr Duration kLinger = std::chrono::milliseconds(1);
    /// Runs Python's pending signal handlers. An Error of kind `system_exit` when one of them ends the process, of kind
    /// `python` when one raised. GIL held. Cheap when no signal came.
    virtual Result<void> run_signal_handlers() = 0;
};

}  // namespace gunicorn::gateway
