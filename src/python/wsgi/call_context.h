#pragma once

#include "python/error.h"
#include "python/ref.h"

namespace gunicorn::python {

/// The context of one request (PEP 567). Responses are pulled in turns, also in one thread: what the code of one sets in its
/// context variables, no other sees. Flask keeps its request there. **GIL**: held.
class CallContext {
public:
    /// A copy of the calling thread's, in which that thread is not.
    static PyResult<CallContext> create() {
        CallContext context;
        GN_TRY(context.context_, owned(PyContext_CopyCurrent()));
        return context;
    }
    CallContext() = default;

    /// The calling thread is in the context for the length of this scope.
    class Scope {
    public:
        explicit Scope(const CallContext& context) : context_(context.context_.get()) {
            if (context_ != nullptr && PyContext_Enter(context_) != 0) context_ = nullptr, PyErr_Clear();
        }
        Scope(const Scope&) = delete;
        Scope& operator=(const Scope&) = delete;
        ~Scope() {
            if (context_ != nullptr && PyContext_Exit(context_) != 0) PyErr_Clear();
        }

    private:
        PyObject* context_;
    };

private:
    Ref context_;
};

}  // namespace gunicorn::python
