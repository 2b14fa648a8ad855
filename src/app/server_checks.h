#pragma once

#include "base/diagnostic.h"
#include "config/settings.gen.h"

namespace gunicorn::app {

/// What only the server's own parsers and Python's importer can judge, on any host: addresses, access log format, trusted
/// peers, logger class. GIL held.
Diagnostics check_values(const config::Settings& settings);

enum class HostChecks {
    start,  ///< what a start asks before it begins, and would fail at in a less readable way
    all,    ///< what a check asks: also accounts, ports, pid file, certificates
};

/// What only this host can judge. Nothing is opened for writing, made, bound or connected.
Diagnostics check_host(const config::Settings& settings, HostChecks which);

}  // namespace gunicorn::app
