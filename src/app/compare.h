#pragma once

#include <functional>

#include "app/configuration.h"
#include "app/output.h"

namespace gunicorn::app {

/// Runs a task in a process of its own with Python and answers its status.
using RunWithPython = std::function<int(const CommandSources&, const std::function<int(const Output&)>& task)>;

/// --diff-config: compares the configuration with another file, or with what --print-config=json wrote on another host. Each
/// side is resolved in a process of its own. Answers 0 when nothing differs, 1 when something does, 2 when a side cannot be
/// read.
int compare_configurations(const CommandSources& sources, const RunWithPython& run);

}  // namespace gunicorn::app
