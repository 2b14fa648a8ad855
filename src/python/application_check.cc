#include "python/application_check.h"

#include <fmt/format.h>

#include "python/convert.h"
#include "python/error.h"
#include "python/runtime.h"

namespace gunicorn::python {
namespace {

constexpr double kWorthTelling = 0.001;  // seconds of an import

DiagId id_named(const std::string& name) {
    const DiagKind* kind = find_diag_kind(name);
    GN_ASSERT(kind != nullptr, "gunicorn._checks.application uses names of schema/diagnostics.yaml");
    return static_cast<DiagId>(kind - diag_kinds().data());
}

/// (file, line[, column, end column]).
PyResult<Origin> to_origin(PyObject* place) {
    PyObject* file = nullptr;
    Origin origin{.kind = SourceKind::application};
    if (PyArg_ParseTuple(place, "Ui|ii", &file, &origin.line, &origin.column, &origin.end_column) == 0) {
        return Unexpected{Exception::take()};
    }
    origin.name = to_text(file);
    return origin;
}

/// A Finding of gunicorn._checks.application.
PyResult<Diagnostic> to_diagnostic(PyObject* finding, const Origin& named_at) {
    PyObject* name = nullptr;
    PyObject* message = nullptr;
    PyObject* place = nullptr;
    PyObject* help = nullptr;
    PyObject* note = nullptr;
    if (PyArg_ParseTuple(finding, "UUOUO", &name, &message, &place, &help, &note) == 0) return Unexpected{Exception::take()};
    const DiagId id = id_named(to_text(name));
    Diagnostic diagnostic{id, {}, named_at, to_text(message), kind_of(id).severity, to_text(help)};
    if (place != Py_None) {
        GN_TRY(diagnostic.origin, to_origin(place));
        diagnostic.notes.push_back({named_at, "the application is named here"});
    }
    if (note != Py_None) {
        PyObject* text = nullptr;
        PyObject* noted = nullptr;
        if (PyArg_ParseTuple(note, "UO", &text, &noted) == 0) return Unexpected{Exception::take()};
        GN_TRY(Origin origin, to_origin(noted));
        diagnostic.notes.push_back({std::move(origin), to_text(text)});
    }
    return diagnostic;
}

PyResult<ApplicationReport> inspect(const Runtime& runtime, const NamedApplication& named) {
    GN_TRY(const Ref module, import_module("gunicorn._checks.application"));
    GN_TRY(const Ref uri, to_str(named.uri));
    GN_TRY(const Ref folder, to_str(named.start_directory));
    GN_TRY(const Ref answer, owned(PyObject_CallMethod(module.get(), "inspect", "OOO", runtime.application_object(),
                                                       uri.get(), folder.get())));
    ApplicationReport report;
    PyObject* description = nullptr;
    PyObject* slowest = nullptr;
    PyObject* traceback = nullptr;
    PyObject* findings = nullptr;
    if (PyArg_ParseTuple(answer.get(), "UdllO!UO!", &description, &report.seconds, &report.resident_before,
                         &report.resident_after, &PyList_Type, &slowest, &traceback, &PyList_Type, &findings) == 0) {
        return Unexpected{Exception::take()};
    }
    report.description = to_text(description);
    report.traceback = to_text(traceback);
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(slowest); ++i) {
        PyObject* name = nullptr;
        SlowImport import;
        if (PyArg_ParseTuple(PyList_GET_ITEM(slowest, i), "Ud", &name, &import.seconds) == 0)
            return Unexpected{Exception::take()};
        import.module = to_text(name);
        report.slowest.push_back(std::move(import));
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(findings); ++i) {
        GN_TRY(Diagnostic found, to_diagnostic(PyList_GET_ITEM(findings, i), named.origin));
        report.diagnostics.push_back(std::move(found));
    }
    return report;
}

}  // namespace

ApplicationReport check_application(const Runtime& runtime, const NamedApplication& named) {
    auto report = inspect(runtime, named);
    if (report) return *std::move(report);
    ApplicationReport failed;
    failed.diagnostics.push_back({DiagId::application_failed, {}, named.origin, report.error().summary()});
    failed.traceback = report.error().traceback();
    return failed;
}

std::string summary(const ApplicationReport& report) {
    if (report.description.empty()) return {};
    const double grown = static_cast<double>(report.resident_after - report.resident_before) / 1024;
    std::string text = fmt::format("{}; imported in {:.3f} s, {:.1f} MiB", report.description, report.seconds, grown);
    std::string_view separator = "; slowest imports: ";
    for (const SlowImport& one : report.slowest) {
        if (one.seconds < kWorthTelling) continue;
        text += fmt::format("{}{} {:.3f} s", separator, one.module, one.seconds);
        separator = ", ";
    }
    return text;
}

}  // namespace gunicorn::python
