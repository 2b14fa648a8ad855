#pragma once

#include "python/python.h"

namespace gunicorn::python {

/// The GIL for a scope, from a thread that may or may not have it; an exception that is on its way waits meanwhile.
class EnsureGil {
public:
    EnsureGil() : state_(PyGILState_Ensure()) { PyErr_Fetch(&type_, &value_, &traceback_); }
    EnsureGil(const EnsureGil&) = delete;
    EnsureGil& operator=(const EnsureGil&) = delete;
    ~EnsureGil() {
        PyErr_Restore(type_, value_, traceback_);
        PyGILState_Release(state_);
    }

private:
    PyGILState_STATE state_;
    PyObject* type_ = nullptr;
    PyObject* value_ = nullptr;
    PyObject* traceback_ = nullptr;
};

}  // namespace gunicorn::python
