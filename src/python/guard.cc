#include "python/guard.h"

#include <cerrno>

namespace gunicorn::python {

PyObject* raise(const Error& error) noexcept {
    switch (error.kind) {
        case ErrorKind::system_exit: {
            const Ref code = Ref::steal(PyLong_FromLong(error.code));
            PyErr_SetObject(PyExc_SystemExit, code.get());
            return nullptr;
        }
        case ErrorKind::closed: PyErr_SetString(PyExc_BrokenPipeError, error.message.c_str()); return nullptr;
        case ErrorKind::timed_out: PyErr_SetString(PyExc_TimeoutError, error.message.c_str()); return nullptr;
        case ErrorKind::system: {
            const Ref arguments = Ref::steal(Py_BuildValue("(is)", error.code, error.message.c_str()));
            if (arguments) PyErr_SetObject(PyExc_OSError, arguments.get());
            return nullptr;
        }
        case ErrorKind::not_found: PyErr_SetString(PyExc_LookupError, error.message.c_str()); return nullptr;
        case ErrorKind::invalid_argument: PyErr_SetString(PyExc_ValueError, error.message.c_str()); return nullptr;
        case ErrorKind::unsupported: PyErr_SetString(PyExc_NotImplementedError, error.message.c_str()); return nullptr;
        case ErrorKind::app_import:
        case ErrorKind::python: PyErr_SetString(PyExc_RuntimeError, error.message.c_str()); return nullptr;
    }
    return nullptr;
}

}  // namespace gunicorn::python
