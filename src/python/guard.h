#pragma once

#include "python/python.h"

#include <exception>
#include <utility>

#include "python/error.h"

namespace gunicorn::python {

/// Sets the Python exception that stands for an Error of ours. Returns NULL for `return raise(...)`.
PyObject* raise(const Error& error) noexcept;

/// Runs the body of a function that CPython calls. The body answers PyResult<Ref>; no C++ exception crosses the C frame.
template <class Body>
PyObject* guard(Body&& body) noexcept {
    try {
        PyResult<Ref> result = std::forward<Body>(body)();
        if (result) return (*result).release();
        std::move(result).error().restore();
    } catch (const std::bad_alloc&) {
        PyErr_NoMemory();
    } catch (const std::exception& error) {
        PyErr_SetString(PyExc_RuntimeError, error.what());
    }
    return nullptr;
}

/// A PyResult that carries a new exception of the given type.
[[nodiscard]] inline Unexpected<Exception> raised(PyObject* type, const char* message) {
    PyErr_SetString(type, message);
    return Unexpected{Exception::take()};
}

[[nodiscard]] inline Unexpected<Exception> raised(const Error& error) {
    raise(error);
    return Unexpected{Exception::take()};
}

}  // namespace gunicorn::python
