#include "python/config_names.h"

#include <span>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "config/known_names.h"
#include "python/convert.h"
#include "python/error.h"

namespace gunicorn::python {
namespace {

PyResult<Ref> tuple_of(std::span<const std::string_view> names) {
    GN_TRY(Ref tuple, owned(PyTuple_New(static_cast<Py_ssize_t>(names.size()))));
    for (std::size_t i = 0; i < names.size(); ++i) {
        GN_TRY(Ref name, to_str(names[i]));
        PyTuple_SET_ITEM(tuple.get(), static_cast<Py_ssize_t>(i), name.release());
    }
    return tuple;
}

/// [(name, (parameter, ...))] of every hook.
PyResult<Ref> hook_forms() {
    GN_TRY(Ref forms, owned(PyList_New(0)));
    for (const config::Declaration& setting : config::declarations()) {
        if (setting.type != config::ValueType::hook) continue;
        GN_TRY(const Ref name, to_str(setting.name));
        GN_TRY(const Ref parameters, tuple_of(setting.params));
        GN_TRY(const Ref form, owned(PyTuple_Pack(2, name.get(), parameters.get())));
        GN_CHECK(checked(PyList_Append(forms.get(), form.get())));
    }
    return forms;
}

PyResult<Ref> to_bytes(std::string_view text) {
    return owned(PyBytes_FromStringAndSize(text.data(), static_cast<Py_ssize_t>(text.size())));
}

PyResult<Ref> list_of(const std::vector<std::string_view>& sources) {
    GN_TRY(Ref list, owned(PyList_New(0)));
    for (const std::string_view source : sources) {
        GN_TRY(const Ref bytes, to_bytes(source));
        GN_CHECK(checked(PyList_Append(list.get(), bytes.get())));
    }
    return list;
}

PyResult<Ref> answer(const std::string& source, const std::string& path, const Surroundings& surroundings) {
    std::vector<std::string_view> settings;
    for (const config::Declaration& setting : config::declarations()) settings.push_back(setting.name);
    GN_TRY(const Ref module, import_module("gunicorn._checks.examine"));
    GN_TRY(const Ref bytes, to_bytes(source));
    GN_TRY(const Ref file, to_str(path));
    GN_TRY(const Ref setting_names, tuple_of(settings));
    GN_TRY(const Ref hooks, hook_forms());
    GN_TRY(const Ref others, list_of(surroundings.sources));
    return owned(PyObject_CallMethod(module.get(), "examine", "OOOOiO", bytes.get(), file.get(), setting_names.get(),
                                     hooks.get(), surroundings.is_alone ? 1 : 0, others.get()));
}

/// Turns what gunicorn._checks found into diagnostics of one file.
class Explainer {
public:
    explicit Explainer(std::string path) : path_(std::move(path)) {}

    PyResult<void> explain(PyObject* finding) {
        const char* kind = nullptr;
        if (PyTuple_Size(finding) == kAttributeSize) return explain_attribute(finding);
        const char* name = nullptr;
        Origin origin = place();
        int first_line = 0;
        if (PyArg_ParseTuple(finding, "ssiiii", &kind, &name, &origin.line, &origin.column, &origin.end_column,
                             &first_line) == 0) {
            return Unexpected{Exception::take()};
        }
        explain_name(kind, name, std::move(origin), first_line);
        return {};
    }

    Diagnostics take() { return std::move(diagnostics_); }

private:
    static constexpr Py_ssize_t kAttributeSize = 12;

    Origin place() const { return {.kind = SourceKind::config_file, .name = path_}; }

    void report(DiagId id, std::string_view name, Origin origin, std::string message, std::string help = {}) {
        diagnostics_.push_back(
            {id, std::string(name), std::move(origin), std::move(message), kind_of(id).severity, std::move(help)});
    }

    void note(int line, std::string message) {
        Origin origin = place();
        origin.line = line;
        diagnostics_.back().notes.push_back({std::move(origin), std::move(message)});
    }

    void explain_name(std::string_view kind, std::string_view name, Origin origin, int first_line) {
        if (kind == "twice") {
            report(DiagId::defined_twice, name, std::move(origin),
                   "replaces what line " + std::to_string(first_line) + " says");
            note(first_line, "the value that is lost");
        } else if (kind == "async") {
            report(DiagId::async_hook, name, std::move(origin),
                   "is a coroutine function, which nothing awaits: its code would never run", "write it as def");
        } else {
            const config::Where where = kind == "hook" ? config::Where::function : config::Where::assignment;
            config::Explanation unknown = config::explain_unknown(name, where);
            if (kind == "result" && !unknown.is_certain) return;
            report(unknown.id, name, std::move(origin), std::move(unknown.message), std::move(unknown.help));
        }
    }

    PyResult<void> explain_attribute(PyObject* finding) {
        const char* type = nullptr;
        const char* hook = nullptr;
        const char* kind = nullptr;
        const char* object = nullptr;
        const char* attribute = nullptr;
        const char* message = nullptr;
        const char* advice = nullptr;
        Origin origin = place();
        int call_line = 0;
        int is_certain = 0;
        if (PyArg_ParseTuple(finding, "ssiiiisssssi", &type, &hook, &origin.line, &origin.column, &origin.end_column,
                             &call_line, &kind, &object, &attribute, &message, &advice, &is_certain) == 0) {
            return Unexpected{Exception::take()};
        }
        const bool is_missing = std::string_view(type) == "missing";
        std::string help = advice;
        if (help.empty() && !is_missing) {
            GN_TRY(help, near_attribute(kind, object, attribute));
        }
        report(is_missing ? DiagId::missing_attribute : DiagId::unknown_attribute, hook, std::move(origin), message,
               std::move(help));
        if (is_certain == 0) diagnostics_.back().severity = Severity::warning;
        if (call_line > 0) note(call_line, "called here");
        return {};
    }

    /// "did you mean worker.pid?", or nothing.
    static PyResult<std::string> near_attribute(std::string_view kind, std::string_view object, std::string_view attribute) {
        if (kind == "cfg") return config::explain_unknown(attribute, config::Where::elsewhere).help;
        GN_TRY(const Ref module, import_module("gunicorn._checks.surface"));
        GN_TRY(const Ref near, owned(PyObject_CallMethod(module.get(), "public_names", "s#", kind.data(),
                                                         static_cast<Py_ssize_t>(kind.size()))));
        std::vector<std::string> names;
        for (Py_ssize_t i = 0; i < PyList_Size(near.get()); ++i) names.push_back(to_text(PyList_GetItem(near.get(), i)));
        std::string help;
        for (const std::string_view name : text::near_matches(attribute, {names.begin(), names.end()})) {
            help += (help.empty() ? "did you mean " : " or ") + std::string(object) + "." + std::string(name);
        }
        return help.empty() ? help : help + "?";
    }

    std::string path_;
    Diagnostics diagnostics_;
};

PyResult<BindingSpan> to_span(PyObject* tuple) {
    const char* name = nullptr;
    BindingSpan span;
    if (PyArg_ParseTuple(tuple, "siiiiiiii", &name, &span.first_line, &span.last_line, &span.place.line, &span.place.column,
                         &span.place.end_column, &span.value.line, &span.value.column, &span.value.end_column) == 0) {
        return Unexpected{Exception::take()};
    }
    span.name = name;
    return span;
}

PyResult<ConfigExamination> examine(const std::string& source, const std::string& path, const Surroundings& surroundings) {
    GN_TRY(const Ref pair, answer(source, path, surroundings));
    PyObject* findings = nullptr;
    PyObject* spans = nullptr;
    if (PyArg_ParseTuple(pair.get(), "OO", &findings, &spans) == 0) return Unexpected{Exception::take()};
    Explainer explainer(path);
    for (Py_ssize_t i = 0; i < PyList_Size(findings); ++i) GN_CHECK(explainer.explain(PyList_GetItem(findings, i)));
    ConfigExamination examination{explainer.take(), {}};
    for (Py_ssize_t i = 0; i < PyList_Size(spans); ++i) {
        GN_TRY(BindingSpan span, to_span(PyList_GetItem(spans, i)));
        examination.spans.push_back(std::move(span));
    }
    return examination;
}

}  // namespace

ConfigExamination examine_config(const std::string& source, const std::string& name, const Surroundings& surroundings) {
    auto examination = examine(source, name, surroundings);
    if (examination) return *std::move(examination);
    Exception(examination.error()).restore();
    PyErr_WriteUnraisable(nullptr);
    return {};
}

}  // namespace gunicorn::python
