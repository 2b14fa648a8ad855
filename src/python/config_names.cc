#include "python/config_names.h"

#include <string_view>
#include <utility>
#include <vector>

#include "config/known_names.h"
#include "python/convert.h"
#include "python/error.h"

namespace gunicorn::python {
namespace {

/// One entry of what gunicorn._checks.names.find answers.
struct Finding {
    std::string_view kind;
    std::string_view name;
    int line = 0;
    int column = 0;
    int end_column = 0;
    int first_line = 0;
};

PyResult<Ref> tuple_of(const std::vector<std::string_view>& names) {
    GN_TRY(Ref tuple, owned(PyTuple_New(static_cast<Py_ssize_t>(names.size()))));
    for (std::size_t i = 0; i < names.size(); ++i) {
        GN_TRY(Ref name, to_str(names[i]));
        PyTuple_SET_ITEM(tuple.get(), static_cast<Py_ssize_t>(i), name.release());
    }
    return tuple;
}

PyResult<Ref> find(const std::string& source, const std::string& path) {
    std::vector<std::string_view> settings;
    std::vector<std::string_view> hooks;
    for (const config::Declaration& setting : config::declarations()) {
        settings.push_back(setting.name);
        if (setting.type == config::ValueType::hook) hooks.push_back(setting.name);
    }
    GN_TRY(const Ref module, import_module("gunicorn._checks.names"));
    GN_TRY(const Ref bytes, owned(PyBytes_FromStringAndSize(source.data(), static_cast<Py_ssize_t>(source.size()))));
    GN_TRY(const Ref file, to_str(path));
    GN_TRY(const Ref setting_names, tuple_of(settings));
    GN_TRY(const Ref hook_names, tuple_of(hooks));
    return owned(PyObject_CallMethod(module.get(), "find", "OOOO", bytes.get(), file.get(), setting_names.get(),
                                     hook_names.get()));
}

/// The texts are lent by the tuple.
PyResult<Finding> to_finding(PyObject* tuple) {
    const char* kind = nullptr;
    const char* name = nullptr;
    Finding finding;
    if (PyArg_ParseTuple(tuple, "ssiiii", &kind, &name, &finding.line, &finding.column, &finding.end_column, &finding.first_line) == 0) {
        return Unexpected{Exception::take()};
    }
    finding.kind = kind;
    finding.name = name;
    return finding;
}

void explain(const Finding& finding, const std::string& path, Diagnostics& diagnostics) {
    const auto report = [&](DiagId id, std::string message, std::string help = {}) {
        Origin origin{.kind = SourceKind::config_file,
                      .name = path,
                      .line = finding.line,
                      .column = finding.column,
                      .end_column = finding.end_column};
        diagnostics.push_back(
            {id, std::string(finding.name), std::move(origin), std::move(message), kind_of(id).severity, std::move(help)});
    };
    if (finding.kind == "twice") {
        report(DiagId::defined_twice, "replaces what line " + std::to_string(finding.first_line) + " says");
        diagnostics.back().notes.push_back(
            {Origin{.kind = SourceKind::config_file, .name = path, .line = finding.first_line}, "the value that is lost"});
    } else if (finding.kind == "async") {
        report(DiagId::async_hook, "is a coroutine function, which nothing awaits: its code would never run", "write it as def");
    } else {
        const config::Where where = finding.kind == "hook" ? config::Where::function : config::Where::assignment;
        config::Explanation unknown = config::explain_unknown(finding.name, where);
        if (finding.kind == "result" && !unknown.is_certain) return;
        report(unknown.id, std::move(unknown.message), std::move(unknown.help));
    }
}

PyResult<Diagnostics> check(const std::string& source, const std::string& path) {
    GN_TRY(const Ref findings, find(source, path));
    Diagnostics diagnostics;
    for (Py_ssize_t i = 0; i < PyList_Size(findings.get()); ++i) {
        GN_TRY(const Finding finding, to_finding(PyList_GetItem(findings.get(), i)));
        explain(finding, path, diagnostics);
    }
    return diagnostics;
}

}  // namespace

Diagnostics check_config_names(const std::string& source, const std::string& name) {
    auto diagnostics = check(source, name);
    if (diagnostics) return *std::move(diagnostics);
    Exception(diagnostics.error()).restore();
    PyErr_WriteUnraisable(nullptr);
    return {};
}

}  // namespace gunicorn::python
