#pragma once

#include "base/diagnostic.h"
#include "config/settings.gen.h"

namespace gunicorn::app {

/// What only the server's own parsers, Python's importer and the host can judge: addresses, access log format, trusted peers,
/// logger class, log files. Nothing is opened, made or bound. GIL held.
Diagnostics check_for_server(const config::Settings& settings);

}  // namespace gunicorn::app
