#include "python/side_effects.h"

#include <algorithm>

#include "python/convert.h"
#include "python/error.h"

namespace gunicorn::python {
namespace {

constexpr std::size_t kMostNotes = 10;

PyResult<void> begin_watch(const std::string& path) {
    GN_TRY(const Ref module, import_module("gunicorn._checks.side_effects"));
    GN_TRY(const Ref text, to_str(path));
    GN_TRY(const Ref done, owned(PyObject_CallMethod(module.get(), "begin", "O", text.get())));
    return {};
}

Diagnostic note(const std::string& path, int line, std::string message) {
    return {
        DiagId::side_effect, {}, Origin{.kind = SourceKind::config_file, .name = path, .line = line}, std::move(message)};
}

PyResult<Diagnostics> end_watch(const std::string& path) {
    GN_TRY(const Ref module, import_module("gunicorn._checks.side_effects"));
    GN_TRY(const Ref seen, owned(PyObject_CallMethod(module.get(), "end", nullptr)));
    Diagnostics notes;
    const auto count = static_cast<std::size_t>(PyList_Size(seen.get()));
    for (std::size_t i = 0; i < count && i < kMostNotes; ++i) {
        int line = 0;
        PyObject* text = nullptr;
        if (PyArg_ParseTuple(PyList_GetItem(seen.get(), static_cast<Py_ssize_t>(i)), "iU", &line, &text) == 0) {
            return Unexpected{Exception::take()};
        }
        notes.push_back(note(path, line, to_text(text)));
    }
    if (count <= kMostNotes) return notes;
    int last = 0;
    for (const Diagnostic& one : notes) last = std::max(last, one.origin.line);
    notes.push_back(note(path, last, "and " + std::to_string(count - kMostNotes) + " more side effects"));
    return notes;
}

}  // namespace

SideEffects::SideEffects(std::string path) : path_(std::move(path)) {
    const auto begun = begin_watch(path_);
    is_active_ = begun.has_value();
    if (is_active_) return;
    Exception(begun.error()).restore();
    PyErr_WriteUnraisable(nullptr);
}

Diagnostics SideEffects::take() {
    if (!std::exchange(is_active_, false)) return {};
    PyObject* type = nullptr;
    PyObject* value = nullptr;
    PyObject* traceback = nullptr;
    PyErr_Fetch(&type, &value, &traceback);
    auto notes = end_watch(path_);
    if (!notes) {
        Exception(notes.error()).restore();
        PyErr_WriteUnraisable(nullptr);
    }
    PyErr_Restore(type, value, traceback);
    return notes ? *std::move(notes) : Diagnostics{};
}

}  // namespace gunicorn::python
