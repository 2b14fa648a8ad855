#include "python/error.h"

#include "python/convert.h"
#include "python/gil.h"

namespace gunicorn::python {

Exception Exception::take() {
    GN_ASSERT(PyErr_Occurred() != nullptr, "an exception is taken only where one is set");
    PyObject* type = nullptr;
    PyObject* value = nullptr;
    PyObject* traceback = nullptr;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    if (traceback != nullptr) PyException_SetTraceback(value, traceback);
    Exception taken;
    taken.type_ = Ref::steal(type);
    taken.value_ = Ref::steal(value);
    taken.traceback_ = Ref::steal(traceback);
    return taken;
}

bool Exception::matches(PyObject* type) const { return PyErr_GivenExceptionMatches(type_.get(), type) != 0; }

std::string Exception::summary() const {
    const Ref text = Ref::steal(PyObject_Str(value_.get()));
    std::string message = reinterpret_cast<PyTypeObject*>(type_.get())->tp_name;
    if (const auto dot = message.rfind('.'); dot != std::string::npos) message.erase(0, dot + 1);
    if (!text) {
        PyErr_Clear();
        return message;
    }
    constexpr std::size_t kLongest = 2000;
    std::string words = to_text(text.get());
    if (words.size() > kLongest) words = words.substr(0, kLongest) + "...";
    return words.empty() ? message : message + ": " + words;
}

std::string Exception::traceback() const {
    const Ref module = Ref::steal(PyImport_ImportModule("traceback"));
    if (module) {
        const Ref lines = Ref::steal(PyObject_CallMethod(module.get(), "format_exception", "OOO", type_.get(), value_.get(),
                                                         traceback_ ? traceback_.get() : Py_None));
        const Ref empty = Ref::steal(PyUnicode_FromString(""));
        const Ref joined = lines && empty ? Ref::steal(PyUnicode_Join(empty.get(), lines.get())) : Ref();
        if (joined) {
            std::string text = to_text(joined.get());
            while (!text.empty() && text.back() == '\n') text.pop_back();
            return text;
        }
    }
    PyErr_Clear();
    return summary();
}

void Exception::restore() && { PyErr_Restore(type_.release(), value_.release(), traceback_.release()); }

int exit_status_of(PyObject* system_exit) {
    const Ref code = Ref::steal(PyObject_GetAttrString(system_exit, "code"));
    if (!code) {
        PyErr_Clear();
        return 1;
    }
    if (code.get() == Py_None) return 0;
    if (PyLong_Check(code.get())) {
        const long status = PyLong_AsLong(code.get());
        if (status == -1 && PyErr_Occurred() != nullptr) {
            PyErr_Clear();
            return 1;
        }
        return static_cast<int>(status & 0xff);
    }
    return 1;
}

Error Exception::to_error() const {
    if (matches(PyExc_SystemExit)) {
        // sys.exit("text") is a message for people, with status 1.
        const Ref code = Ref::steal(PyObject_GetAttrString(value_.get(), "code"));
        if (!code) PyErr_Clear();
        std::string text;
        if (code && code.get() != Py_None && !PyLong_Check(code.get())) {
            const Ref words = Ref::steal(PyObject_Str(code.get()));
            PyErr_Clear();
            if (words) text = to_text(words.get());
        }
        return Error{ErrorKind::system_exit, exit_status_of(value_.get()), std::move(text)};
    }
    const std::string_view name = reinterpret_cast<PyTypeObject*>(type_.get())->tp_name;
    if (name == "AppImportError" || name.ends_with(".AppImportError")) {
        const Ref text = Ref::steal(PyObject_Str(value_.get()));
        if (!text) PyErr_Clear();
        return Error{ErrorKind::app_import, 0, text ? to_text(text.get()) : std::string(name)};
    }
    return Error{ErrorKind::python, 0, traceback()};
}

Result<void> ThreadLock::run_signal_handlers() {
    if (interruption_ != nullptr) {
        if (const std::optional<Exception> kept = interruption_->take()) return Unexpected{kept->to_error()};
    }
    if (PyErr_CheckSignals() == 0) return {};
    return Unexpected{Exception::take().to_error()};
}

}  // namespace gunicorn::python
