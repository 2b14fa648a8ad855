#include "python/config_file_source.h"

#include <algorithm>

#include "base/sys.h"
#include "config/registry.h"
#include "python/config_names.h"
#include "python/convert.h"
#include "python/error.h"
#include "python/line_trace.h"
#include "python/side_effects.h"
#include "python/user_traceback.h"

namespace gunicorn::python {
namespace {

std::vector<std::string_view> setting_names() {
    std::vector<std::string_view> names;
    for (const config::Declaration& declaration : config::declarations()) names.push_back(declaration.name);
    return names;
}

/// A module named __config__ in sys.modules, as Gunicorn's loader makes it.
PyResult<Ref> new_config_module(const std::string& path) {
    GN_TRY(Ref module, owned(PyModule_New("__config__")));
    GN_TRY(const Ref file, to_str(path));
    GN_CHECK(checked(PyObject_SetAttrString(module.get(), "__file__", file.get())));
    PyObject* globals = PyModule_GetDict(module.get());
    GN_CHECK(checked(PyDict_SetItemString(globals, "__builtins__", PyEval_GetBuiltins())));
    GN_CHECK(checked(PyDict_SetItemString(PyImport_GetModuleDict(), "__config__", module.get())));
    return module;
}

/// Compiles like importlib does: the source decides its encoding (PEP 263).
PyResult<Ref> compile(const std::string& source, const std::string& path) {
    GN_TRY(const Ref builtins, import_module("builtins"));
    GN_TRY(const Ref bytes, owned(PyBytes_FromStringAndSize(source.data(), static_cast<Py_ssize_t>(source.size()))));
    GN_TRY(const Ref name, to_str(path));
    return owned(PyObject_CallMethod(builtins.get(), "compile", "OOsiO", bytes.get(), name.get(), "exec", 0, Py_True));
}

/// In the order in which a reader of the file meets them.
void sort_by_line(std::vector<config::Assignment>& assignments) {
    std::stable_sort(assignments.begin(), assignments.end(),
                     [](const auto& a, const auto& b) { return a.origin.line < b.origin.line; });
}

/// Line of the innermost frame of the exception that is in the file itself; 0 when none is.
int line_in_file(PyObject* exception, const std::string& path) {
    int line = 0;
    if (PyObject_IsInstance(exception, PyExc_SyntaxError) == 1) {
        const Ref filename = Ref::steal(PyObject_GetAttrString(exception, "filename"));
        const Ref number = Ref::steal(PyObject_GetAttrString(exception, "lineno"));
        if (filename && number && PyUnicode_Check(filename.get()) && to_text(filename.get()) == path &&
            PyLong_Check(number.get())) {
            line = static_cast<int>(PyLong_AsLong(number.get()));
        }
        PyErr_Clear();
        if (line > 0) return line;
    }
    Ref entry = Ref::steal(PyException_GetTraceback(exception));
    while (entry && entry.get() != Py_None) {
        const Ref frame = Ref::steal(PyObject_GetAttrString(entry.get(), "tb_frame"));
        const Ref code = frame ? Ref::steal(PyObject_GetAttrString(frame.get(), "f_code")) : Ref();
        const Ref file = code ? Ref::steal(PyObject_GetAttrString(code.get(), "co_filename")) : Ref();
        const Ref number = Ref::steal(PyObject_GetAttrString(entry.get(), "tb_lineno"));
        if (file && number && to_text(file.get()) == path) line = static_cast<int>(PyLong_AsLong(number.get()));
        entry = Ref::steal(PyObject_GetAttrString(entry.get(), "tb_next"));
    }
    PyErr_Clear();
    return line;
}

}  // namespace

config::SourceReading ConfigFileSource::read() {
    config::SourceReading reading;
    std::string_view text = location_.text;
    if (text.starts_with("python:")) {
        read_module(std::string(text.substr(7)), reading);
    } else {
        if (text.starts_with("file:")) text.remove_prefix(5);
        read_path(std::string(text), reading);
    }
    return reading;
}

void ConfigFileSource::fail(config::SourceReading& reading, DiagId id, Origin origin, std::string message) const {
    reading.diagnostics.push_back({id, "config", std::move(origin), std::move(message)});
}

void ConfigFileSource::fail_with_exception(config::SourceReading& reading, const std::string& name) {
    const Exception exception = Exception::take();
    const Origin origin{SourceKind::config_file, name, line_in_file(exception.value(), name)};
    if (exception.matches(PyExc_SystemExit)) {
        const Error request = exception.to_error();
        exit_requested_ = request.code;
        traceback_ = request.message;
        fail(reading, DiagId::config_exited, origin, "ends the process with status " + std::to_string(request.code));
        return;
    }
    traceback_ = user_traceback(exception);
    const DiagId id = exception.matches(PyExc_SyntaxError) ? DiagId::bad_syntax : DiagId::config_raised;
    fail(reading, id, origin, exception.summary());
    reading.diagnostics.back().help = hint_about(exception);
}

void ConfigFileSource::read_path(const std::string& path, config::SourceReading& reading) {
    if (!location_.must_exist && !sys::is_file(path)) return;
    const auto source = sys::read_file(path);
    if (!source) {
        const bool is_missing = source.error().code == ENOENT;
        fail(reading, is_missing ? DiagId::no_config_file : DiagId::unreadable_file, location_.origin,
             is_missing ? "'" + path + "' doesn't exist" : "cannot be read: " + source.error().message);
        return;
    }
    was_read_ = true;
    const std::string name = path.starts_with("./") ? path.substr(2) : path;
    if (const std::size_t at = source->find('\0'); at != std::string::npos) {
        const auto line = static_cast<int>(std::count(source->begin(), source->begin() + static_cast<std::ptrdiff_t>(at), '\n'));
        fail(reading, DiagId::bad_syntax, {SourceKind::config_file, name, line + 1}, "holds a NUL byte: it is no Python source");
        return;
    }
    const auto module = new_config_module(path);
    const auto code = module ? compile(*source, name) : PyResult<Ref>(Unexpected{module.error()});
    if (!code) {
        Exception(code.error()).restore();
        fail_with_exception(reading, name);
        return;
    }
    PyObject* globals = PyModule_GetDict((*module).get());
    std::optional<SideEffects> effects;
    if (location_.watch_side_effects) effects.emplace(name);
    LineTrace trace(globals, name, setting_names());
    const Ref result = Ref::steal(PyEval_EvalCode((*code).get(), globals, globals));
    trace.stop();
    if (effects) reading.diagnostics = effects->take();
    if (!result) {
        fail_with_exception(reading, name);
        return;
    }
    for (const config::Declaration& declaration : config::declarations()) {
        PyObject* value = PyDict_GetItemString(globals, std::string(declaration.name).c_str());
        if (value == nullptr) continue;
        reading.assignments.push_back({std::string(declaration.name), to_raw(value, objects_),
                                       Origin{SourceKind::config_file, name, trace.line_of(declaration.name)}});
    }
    sort_by_line(reading.assignments);
    for (Diagnostic& found : check_config_names(*source, name)) reading.diagnostics.push_back(std::move(found));
}

void ConfigFileSource::read_module(const std::string& module_name, config::SourceReading& reading) {
    was_read_ = true;
    const std::string name = "python:" + module_name;
    const Ref module = Ref::steal(PyImport_ImportModule(module_name.c_str()));
    if (!module) {
        fail_with_exception(reading, name);
        return;
    }
    for (const config::Declaration& declaration : config::declarations()) {
        const Ref value = Ref::steal(PyObject_GetAttrString(module.get(), std::string(declaration.name).c_str()));
        PyErr_Clear();
        if (!value) continue;
        reading.assignments.push_back(
            {std::string(declaration.name), to_raw(value.get(), objects_), Origin{SourceKind::config_file, name}});
    }
}

}  // namespace gunicorn::python
