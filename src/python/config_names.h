#pragma once

#include "python/python.h"

#include <string>

#include "base/diagnostic.h"

namespace gunicorn::python {

/// Names of a configuration file that were meant to be settings or hooks and are none, settings that it defines twice, hooks
/// that nobody would await: what gunicorn._checks.names finds, explained. Only async hooks are errors. `source` compiles; `name`
/// is that of the file in diagnostics. Nothing of the file is executed. A failure of the check itself is shown as an exception
/// that is ignored, and finds nothing. GIL held.
[[nodiscard]] Diagnostics check_config_names(const std::string& source, const std::string& name);

}  // namespace gunicorn::python
