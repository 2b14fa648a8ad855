#include "python/line_trace.h"

#include <frameobject.h>

#include <algorithm>

#include "python/convert.h"
#include "python/error.h"
#include "python/names.h"

namespace gunicorn::python {
namespace {

/// Lines of top-level code after which watching costs more than it tells.
constexpr std::uint64_t kMostLines = 50'000;

/// What our own code does while it traces must not disturb an exception of the traced code.
class KeepException {
public:
    KeepException() { PyErr_Fetch(&type_, &value_, &traceback_); }
    ~KeepException() { PyErr_Restore(type_, value_, traceback_); }
    KeepException(const KeepException&) = delete;
    KeepException& operator=(const KeepException&) = delete;

private:
    PyObject* type_ = nullptr;
    PyObject* value_ = nullptr;
    PyObject* traceback_ = nullptr;
};

/// Calls a function of gunicorn._checks.environment; null, and no exception, when that fails.
Ref call_environment_watch(const char* function) {
    const auto module = import_module("gunicorn._checks.environment");
    Ref result = module ? Ref::steal(PyObject_CallMethod((*module).get(), function, nullptr)) : Ref();
    PyErr_Clear();
    return result;
}

}  // namespace

LineTrace::LineTrace(const std::vector<std::string_view>& names) {
    watched_.reserve(names.size());
    for (const std::string_view name : names) {
        index_.emplace(name, watched_.size());
        watched_.push_back({interned(std::string(name).c_str()), nullptr, {}});
    }
    variables_read_ = call_environment_watch("begin");
    if (PyObject* gettrace = PySys_GetObject("gettrace")) previous_ = Ref::steal(PyObject_CallNoArgs(gettrace));
    capsule_ = Ref::steal(PyCapsule_New(this, "gunicorn.line_trace", nullptr));
    PyErr_Clear();
    if (capsule_) {
        PyEval_SetTrace(&LineTrace::on_event, capsule_.get());
        active_ = true;
    }
}

LineTrace::~LineTrace() { stop(); }

void LineTrace::watch(PyObject* globals) {
    globals_ = globals;
    for (Watched& watched : watched_) watched.value = PyDict_GetItemWithError(globals_, watched.key.get());
}

int LineTrace::follow(std::string filename) {
    files_.push_back(std::move(filename));
    runs_.emplace_back();
    codes_.clear();  // what was no followed code may be one now
    return static_cast<int>(files_.size()) - 1;
}

void LineTrace::stop() {
    if (!active_) return;
    active_ = false;
    const KeepException keep;
    uninstall();
}

void LineTrace::give_up() {
    settle();
    PyEval_SetTrace(nullptr, nullptr);
}

void LineTrace::uninstall() {
    PyObject* gettrace = PySys_GetObject("gettrace");
    const Ref now = gettrace != nullptr ? Ref::steal(PyObject_CallNoArgs(gettrace)) : Ref();
    PyErr_Clear();
    const bool was_replaced = now.get() != capsule_.get();
    // Code that is still running has not told its end: somebody took the events, and perhaps gave the trace back.
    if (was_replaced || !callers_.empty()) current_.line = 0;
    settle();
    call_environment_watch("end");
    if (was_replaced) return;  // a file that set a trace function of its own keeps it
    PyEval_SetTrace(nullptr, nullptr);
    if (previous_ && previous_.get() != Py_None) {
        PyObject* settrace = PySys_GetObject("settrace");
        const Ref done = settrace != nullptr ? Ref::steal(PyObject_CallOneArg(settrace, previous_.get())) : Ref();
        if (!done) PyErr_Clear();
    }
}

LineTrace::Place LineTrace::place_of(std::string_view name) const {
    const auto found = index_.find(name);
    return found == index_.end() ? Place() : watched_[found->second].place;
}

std::uint64_t LineTrace::last_run(int file, int first_line, int last_line) const {
    std::uint64_t latest = 0;
    const std::vector<std::uint64_t>& lines = runs_[static_cast<std::size_t>(file)];
    const auto end = std::min(static_cast<std::size_t>(last_line) + 1, lines.size());
    for (auto line = static_cast<std::size_t>(first_line); line < end; ++line) latest = std::max(latest, lines[line]);
    return latest;
}

std::vector<std::string> LineTrace::variables_of(int file, int first_line, int last_line) const {
    std::vector<std::string> out;
    const auto end = variables_.upper_bound({file, last_line});
    for (auto entry = variables_.lower_bound({file, first_line}); entry != end; ++entry) {
        for (const std::string& name : entry->second) {
            if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(name);
        }
    }
    return out;
}

int LineTrace::file_of(PyCodeObject* code) {
    if (const auto known = codes_.find(code); known != codes_.end()) return known->second;
    int file = -1;
    if (PyUnicode_CompareWithASCIIString(code->co_name, "<module>") == 0) {
        const std::string filename = to_text(code->co_filename);
        const auto found = std::find(files_.rbegin(), files_.rend(), filename);
        if (found != files_.rend()) file = static_cast<int>(files_.rend() - found) - 1;
    }
    codes_.emplace(code, file);
    kept_codes_.push_back(Ref::borrow(reinterpret_cast<PyObject*>(code)));
    return file;
}

/// Gives what changed since the last line to that line.
void LineTrace::settle() {
    take_variables();
    if (globals_ == nullptr) return;
    const std::uint64_t version = dict_version(globals_);
    if (version != 0 && version == version_) return;
    version_ = version;
    for (Watched& watched : watched_) {
        PyObject* value = PyDict_GetItemWithError(globals_, watched.key.get());
        if (value == watched.value) continue;
        watched.value = value;
        watched.place = current_;
    }
}

void LineTrace::take_variables() {
    if (!variables_read_ || !PyList_CheckExact(variables_read_.get())) return;
    const Py_ssize_t count = PyList_GET_SIZE(variables_read_.get());
    if (count == 0) return;
    for (Py_ssize_t i = 0; i < count; ++i) {
        PyObject* name = PyList_GET_ITEM(variables_read_.get(), i);
        if (PyUnicode_Check(name)) variables_[{current_.file, current_.line}].insert(to_text(name));
    }
    PyList_SetSlice(variables_read_.get(), 0, count, nullptr);
}

int LineTrace::on_event(PyObject* self, PyFrameObject* frame, int what, PyObject*) {
    if (what != PyTrace_LINE && what != PyTrace_CALL && what != PyTrace_RETURN) return 0;
    const KeepException keep;
    static_cast<LineTrace*>(PyCapsule_GetPointer(self, "gunicorn.line_trace"))->handle(frame, what);
    return 0;
}

void LineTrace::handle(PyFrameObject* frame, int what) {
    PyCodeObject* code = PyFrame_GetCode(frame);
    const int file = file_of(code);
    Py_DECREF(code);
    if (file < 0) {
        // Of code that does not matter only its beginning is told from now on.
        if (what == PyTrace_CALL &&
            PyObject_SetAttrString(reinterpret_cast<PyObject*>(frame), "f_trace_lines", Py_False) != 0)
            PyErr_Clear();
        return;
    }
    settle();
    if (what == PyTrace_CALL) {
        callers_.push_back(current_);
        if (globals_ == nullptr) {
            const Ref globals = Ref::steal(PyObject_GetAttrString(reinterpret_cast<PyObject*>(frame), "f_globals"));
            if (globals) watch(globals.get());
            PyErr_Clear();
        }
    } else if (what == PyTrace_RETURN && !callers_.empty()) {
        current_ = callers_.back();
        callers_.pop_back();
    } else if (what == PyTrace_LINE) {
        current_ = {file, PyFrame_GetLineNumber(frame), ++steps_};
        std::vector<std::uint64_t>& lines = runs_[static_cast<std::size_t>(file)];
        const auto line = static_cast<std::size_t>(std::max(current_.line, 0));
        if (line >= lines.size()) lines.resize(line + 1);
        lines[line] = steps_;
        if (steps_ == kMostLines) give_up();
    }
}

}  // namespace gunicorn::python
