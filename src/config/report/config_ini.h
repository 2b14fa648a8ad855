#pragma once

#include <string>

#include "config/report/config_dump.h"

namespace gunicorn::config {

/// A paste file whose [server:main] gives the settings of the dump their values again, read as PasteSource reads it. A
/// comment says it of what cannot be written: what config_as_python leaves out, None, dictionaries, lists of several items
/// whose setting takes a text as one of them, and texts with lines that INI drops or changes.
[[nodiscard]] std::string config_as_ini(const ConfigDump& dump);

}  // namespace gunicorn::config
