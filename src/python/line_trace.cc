#include "python/line_trace.h"

#include <frameobject.h>

#include "python/convert.h"
#include "python/names.h"

namespace gunicorn::python {

LineTrace::LineTrace(PyObject* globals, std::string filename, const std::vector<std::string_view>& names)
    : globals_(globals), filename_(std::move(filename)) {
    watched_.reserve(names.size());
    for (const std::string_view name : names) {
        index_.emplace(name, watched_.size());
        Watched watched;
        watched.key = interned(std::string(name).c_str());
        watched.value = PyDict_GetItemWithError(globals_, watched.key.get());
        watched_.push_back(std::move(watched));
    }
    if (PyObject* gettrace = PySys_GetObject("gettrace")) previous_ = Ref::steal(PyObject_CallNoArgs(gettrace));
    capsule_ = Ref::steal(PyCapsule_New(this, "gunicorn.line_trace", nullptr));
    PyErr_Clear();
    if (capsule_) {
        PyEval_SetTrace(&LineTrace::on_event, capsule_.get());
        active_ = true;
    }
}

LineTrace::~LineTrace() { stop(); }

void LineTrace::stop() {
    if (!active_) return;
    active_ = false;
    // What the file raised stays raised.
    PyObject* type = nullptr;
    PyObject* value = nullptr;
    PyObject* traceback = nullptr;
    PyErr_Fetch(&type, &value, &traceback);
    uninstall();
    PyErr_Restore(type, value, traceback);
}

void LineTrace::uninstall() {
    compare(current_line_);
    // A file that set a trace function of its own keeps it.
    PyObject* gettrace = PySys_GetObject("gettrace");
    const Ref now = gettrace != nullptr ? Ref::steal(PyObject_CallNoArgs(gettrace)) : Ref();
    PyErr_Clear();
    if (now.get() != capsule_.get()) return;
    PyEval_SetTrace(nullptr, nullptr);
    if (previous_ && previous_.get() != Py_None) {
        PyObject* settrace = PySys_GetObject("settrace");
        const Ref done = settrace != nullptr ? Ref::steal(PyObject_CallOneArg(settrace, previous_.get())) : Ref();
        if (!done) PyErr_Clear();
    }
}

int LineTrace::line_of(std::string_view name) const {
    const auto found = index_.find(name);
    return found == index_.end() ? 0 : watched_[found->second].line;
}

bool LineTrace::is_module_code(PyCodeObject* code) const {
    return to_text(code->co_filename) == filename_ && PyUnicode_CompareWithASCIIString(code->co_name, "<module>") == 0;
}

void LineTrace::compare(int line) {
    for (Watched& watched : watched_) {
        PyObject* value = PyDict_GetItemWithError(globals_, watched.key.get());
        if (value == watched.value) continue;
        watched.value = value;
        watched.line = line;
    }
}

int LineTrace::on_event(PyObject* self, PyFrameObject* frame, int what, PyObject*) {
    if (what != PyTrace_LINE && what != PyTrace_CALL) return 0;
    auto* trace = static_cast<LineTrace*>(PyCapsule_GetPointer(self, "gunicorn.line_trace"));
    PyCodeObject* code = PyFrame_GetCode(frame);
    if (trace->module_code_ == nullptr && trace->is_module_code(code)) trace->module_code_ = code;
    const bool is_ours = code == trace->module_code_;
    Py_DECREF(code);
    if (!is_ours || what != PyTrace_LINE) return 0;
    trace->compare(trace->current_line_);
    trace->current_line_ = PyFrame_GetLineNumber(frame);
    return 0;
}

}  // namespace gunicorn::python
