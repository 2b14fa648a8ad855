#pragma once

#include "base/diagnostic.h"
#include "config/settings.gen.h"

namespace gunicorn::app {

/// What only the server's own parsers and Python's importer can judge: addresses, the access log format, trusted peers, the
/// logger class. Nothing is opened or bound. GIL held.
Diagnostics check_for_server(const config::Settings& settings);

}  // namespace gunicorn::app
