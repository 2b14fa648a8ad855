#pragma once
// What people are shown about a configuration.

#include <string>

#include "base/diagnostic.h"
#include "config/registry.h"

namespace gunicorn::config {

/// --print-config in Gunicorn's format (Config.__str__): "name    = value" sorted by name, a line each, texts bare, lists
/// and dictionaries as Python writes them, callables as <qualified.name()>. Secrets that somebody set are '[redacted]'.
/// `objects` may be null.
[[nodiscard]] std::string print_config(const Settings& settings, const ObjectInspector* objects);

/// All diagnostics, a line each, in the order people read sources: command line, environment, files by name and line, then
/// defaults. Equal lines appear once. Empty when there are none.
[[nodiscard]] std::string format_diagnostics(Diagnostics diagnostics);

}  // namespace gunicorn::config
