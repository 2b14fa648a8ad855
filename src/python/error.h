#pragma once

#include "python/python.h"

#include <string>

#include "base/result.h"
#include "python/ref.h"

namespace gunicorn::python {

/// Owns a Python exception that was raised and taken out of the thread state. GIL held to make, copy and destroy one.
class Exception {
public:
    /// Takes the exception that is set now; there must be one.
    [[nodiscard]] static Exception take();

    [[nodiscard]] bool matches(PyObject* type) const;
    [[nodiscard]] PyObject* value() const noexcept { return value_.get(); }
    /// "ValueError: text", as the last line of a traceback; a long text is cut.
    [[nodiscard]] std::string summary() const;
    /// The traceback as Python prints it, without a final newline.
    [[nodiscard]] std::string traceback() const;
    /// Puts it back, as if it had just been raised.
    void restore() &&;
    /// What leaves the `python` folder: kind system_exit with its status, app_import, or python with the traceback.
    [[nodiscard]] Error to_error() const;

private:
    Ref type_;
    Ref value_;
    Ref traceback_;
};

/// Inside `python`, where an exception is still an object.
template <class T>
using PyResult = Result<T, Exception>;

/// Takes what a C API call returned: a new reference, or NULL with an exception set.
[[nodiscard]] inline PyResult<Ref> owned(PyObject* new_reference) {
    if (new_reference == nullptr) return Unexpected{Exception::take()};
    return Ref::steal(new_reference);
}

/// For C API calls that answer -1 with an exception set.
[[nodiscard]] inline PyResult<void> checked(int status) {
    if (status < 0) return Unexpected{Exception::take()};
    return {};
}

/// The status that SystemExit asks for, as Python's own exit does: None is 0, an int itself, anything else is printed and 1.
[[nodiscard]] int exit_status_of(PyObject* system_exit);

/// At the border of the folder: the same Result with an Error.
template <class T>
[[nodiscard]] Result<T> exported(PyResult<T> result) {
    if (!result) return Unexpected{result.error().to_error()};
    if constexpr (std::is_void_v<T>) {
        return {};
    } else {
        return *std::move(result);
    }
}

}  // namespace gunicorn::python
