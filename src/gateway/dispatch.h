#pragma once

#include "base/result.h"
#include "gateway/interpreter_lock.h"

namespace gunicorn::gateway {

/// A place where Python threads, greenlets or loops of a worker fetch complete requests: queued dispatch, seen from Python.
class RequestQueue {
public:
    virtual ~RequestQueue() = default;
    /// Serves one request after the other until the queue is closed. Called by a Python thread with the GIL held; it is
    /// given away through `lock`, that thread's own, while the queue is empty.
    virtual void serve(InterpreterLock& lock) = 0;
};

}  // namespace gunicorn::gateway
