#pragma once

#include "python/python.h"

#include <string>
#include <utility>
#include <vector>

#include "python/error.h"
#include "python/line_trace.h"
#include "python/ref.h"

namespace gunicorn::python {

/// One execution of a configuration file as module `__config__`, with the files that it includes: `include("conf.d/*.py")`
/// in the file runs others in the same namespace, as if their text stood there. Paths are relative to the including file,
/// patterns match in lexical order, and a path without a pattern must exist. GIL held.
class ConfigRun {
public:
    struct File {
        std::string name;  ///< as messages show it
        std::string text;
    };

    ConfigRun();
    ConfigRun(const ConfigRun&) = delete;
    ConfigRun& operator=(const ConfigRun&) = delete;
    ~ConfigRun();

    /// Runs the text of the file; `name` is how messages call it, `path` what __file__ says. Blocks as long as the file
    /// runs.
    PyResult<void> run(const std::string& path, std::string name, std::string text);
    /// Imports a module instead, and takes what it binds.
    PyResult<void> run_module(const std::string& module);

    /// The value that a name has in the end; null when it has none. Lent.
    [[nodiscard]] PyObject* value_of(const char* name) const;
    /// What was seen while it ran; files have the numbers of files().
    [[nodiscard]] const LineTrace& trace() const noexcept { return trace_; }
    /// Every file that was read, the main one first. Also after a failure.
    [[nodiscard]] const std::vector<File>& files() const noexcept { return files_; }

private:
    static PyObject* include(PyObject* self, PyObject* arguments) noexcept;
    PyResult<void> include_pattern(const std::string& pattern);
    PyResult<void> execute(std::string name, std::string text);

    Ref module_;
    PyObject* globals_ = nullptr;  // lent by the module
    Ref self_;                     // the capsule that include() gets
    std::vector<File> files_;
    std::vector<std::string> folders_;  // of the files that run now, the innermost last
    LineTrace trace_;
};

}  // namespace gunicorn::python
