#pragma once
// What people are shown about a configuration.

#include <string>

#include "config/registry.h"

namespace gunicorn::config {

/// --print-config in Gunicorn's format (Config.__str__): "name    = value" sorted by name, a line each, texts bare, lists
/// and dictionaries as Python writes them, callables as <qualified.name()>. Secrets that somebody set are '[redacted]'.
/// `objects` may be null.
[[nodiscard]] std::string print_config(const Settings& settings, const ObjectInspector* objects);

}  // namespace gunicorn::config
