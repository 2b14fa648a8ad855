#include "python/config_file_source.h"

#include <algorithm>

#include "base/sys.h"
#include "base/text.h"
#include "config/registry.h"
#include "python/binding_places.h"
#include "python/config_names.h"
#include "python/convert.h"
#include "python/side_effects.h"
#include "python/user_traceback.h"

namespace gunicorn::python {
namespace {

/// In the order in which a reader of the file meets them.
void sort_by_line(std::vector<config::Assignment>& assignments) {
    std::stable_sort(assignments.begin(), assignments.end(),
                     [](const auto& a, const auto& b) { return a.origin.line < b.origin.line; });
}

int number_of(PyObject* object, const char* name) {
    const Ref number = Ref::steal(PyObject_GetAttrString(object, name));
    PyErr_Clear();
    return number && PyLong_Check(number.get()) ? static_cast<int>(PyLong_AsLong(number.get())) : 0;
}

std::string text_of(PyObject* object, const char* name) {
    const Ref words = Ref::steal(PyObject_GetAttrString(object, name));
    PyErr_Clear();
    return words && PyUnicode_Check(words.get()) ? to_text(words.get()) : std::string();
}

bool is_file_of(const ConfigRun& run, const std::string& name) {
    return std::any_of(run.files().begin(), run.files().end(),
                       [&](const ConfigRun::File& file) { return file.name == name; });
}

/// Line and columns of what a frame of a traceback runs (gunicorn._checks.failures.span); columns from CPython 3.11 on.
void point_at(Origin& origin, PyObject* entry) {
    origin.line = number_of(entry, "tb_lineno");
    const auto failures = import_module("gunicorn._checks.failures");
    const Ref span = failures ? Ref::steal(PyObject_CallMethod((*failures).get(), "span", "O", entry)) : Ref();
    if (!span || PyArg_ParseTuple(span.get(), "iii", &origin.line, &origin.column, &origin.end_column) == 0) PyErr_Clear();
}

/// Where the exception comes from: the place of a syntax error, else the innermost frame in one of the files.
Origin place_in(const ConfigRun& run, PyObject* exception) {
    Origin origin{.kind = SourceKind::config_file, .name = run.files().empty() ? std::string() : run.files().front().name};
    if (PyObject_IsInstance(exception, PyExc_SyntaxError) == 1 && is_file_of(run, text_of(exception, "filename"))) {
        origin.name = text_of(exception, "filename");
        origin.line = number_of(exception, "lineno");
        origin.column = std::max(number_of(exception, "offset"), 0);
        const bool is_one_line = number_of(exception, "end_lineno") == origin.line;
        origin.end_column = is_one_line ? std::max(number_of(exception, "end_offset"), 0) : 0;
        return origin;
    }
    Ref entry = Ref::steal(PyException_GetTraceback(exception));
    while (entry && entry.get() != Py_None) {
        const Ref frame = Ref::steal(PyObject_GetAttrString(entry.get(), "tb_frame"));
        const Ref code = frame ? Ref::steal(PyObject_GetAttrString(frame.get(), "f_code")) : Ref();
        if (const std::string name = code ? text_of(code.get(), "co_filename") : std::string(); is_file_of(run, name)) {
            origin.name = name;
            point_at(origin, entry.get());
        }
        entry = Ref::steal(PyObject_GetAttrString(entry.get(), "tb_next"));
    }
    PyErr_Clear();
    return origin;
}

bool has_word(std::string_view text, std::string_view word) {
    const auto is_part = [&](std::size_t at) {
        return at < text.size() && (text[at] == '_' || text::is_digit(text[at]) ||
                                    (text::lower(text[at]) >= 'a' && text::lower(text[at]) <= 'z'));
    };
    for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
        if ((at == 0 || !is_part(at - 1)) && !is_part(at + word.size())) return true;
    }
    return false;
}

/// Files that include each other share their names: what one of them assigns another may read.
bool is_used_elsewhere(const ConfigRun& run, const ConfigRun::File& file, const Diagnostic& found) {
    if (found.id != DiagId::unknown_name && found.id != DiagId::removed_setting && found.id != DiagId::unbound_hook)
        return false;
    return std::any_of(run.files().begin(), run.files().end(),
                       [&](const ConfigRun::File& other) { return &other != &file && has_word(other.text, found.setting); });
}

/// What else may set attributes of the objects that hooks receive.
Surroundings surroundings_of(const ConfigRun& run, const ConfigRun::File& file, const ConfigLocation& location) {
    Surroundings around{.is_alone = location.is_alone && run.files().size() == 1, .sources = {}};
    for (const ConfigRun::File& other : run.files()) {
        if (&other != &file) around.sources.push_back(other.text);
    }
    return around;
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

void ConfigFileSource::fail_with_exception(config::SourceReading& reading, const ConfigRun& run) {
    const Exception exception = Exception::take();
    const Origin origin = place_in(run, exception.value());
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
    const std::string name = path.starts_with("./") ? path.substr(2) : path;
    if (const std::size_t at = source->find('\0'); at != std::string::npos) {
        const auto line =
            static_cast<int>(std::count(source->begin(), source->begin() + static_cast<std::ptrdiff_t>(at), '\n'));
        fail(reading, DiagId::bad_syntax, {SourceKind::config_file, name, line + 1},
             "holds a NUL byte: it is no Python source");
        return;
    }
    ConfigRun run;
    std::optional<SideEffects> effects;
    if (location_.watch_side_effects) effects.emplace(name);
    const auto done = run.run(path, name, *source);
    if (effects) reading.diagnostics = effects->take();
    finish(run, done, Names::checked, reading);
}

void ConfigFileSource::read_module(const std::string& module_name, config::SourceReading& reading) {
    ConfigRun run;
    finish(run, run.run_module(module_name), Names::not_checked, reading);
}

void ConfigFileSource::finish(const ConfigRun& run, const PyResult<void>& done, Names names,
                              config::SourceReading& reading) {
    for (const ConfigRun::File& file : run.files()) texts_.push_back({file.name, file.text});
    if (!done) {
        Exception(done.error()).restore();
        fail_with_exception(reading, run);
        return;
    }
    BindingPlaces places(run);
    for (const ConfigRun::File& file : run.files()) {
        ConfigExamination found = examine_config(file.text, file.name, surroundings_of(run, file, location_));
        places.add(std::move(found.spans));
        if (names == Names::not_checked) continue;  // anybody may import a module
        for (Diagnostic& one : found.diagnostics) {
            if (!is_used_elsewhere(run, file, one)) reading.diagnostics.push_back(std::move(one));
        }
    }
    for (const config::Declaration& declaration : config::declarations()) {
        PyObject* value = run.value_of(std::string(declaration.name).c_str());
        if (value == nullptr) continue;
        reading.assignments.push_back(
            {std::string(declaration.name), to_raw(value, objects_), places.origin_of(declaration.name)});
    }
    sort_by_line(reading.assignments);
}

}  // namespace gunicorn::python
