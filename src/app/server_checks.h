#pragma once

#include <sys/types.h>

#include "base/diagnostic.h"
#include "config/settings.gen.h"

namespace gunicorn::app {

/// What only the server's own parsers can judge, on any host: addresses, access log format, trusted peers.
Diagnostics check_values(const config::Settings& settings);

/// What only Python's importer can judge: the logger class. The folders of the settings are on sys.path already. GIL held.
Diagnostics check_classes(const config::Settings& settings);

enum class HostChecks {
    start,  ///< what a start asks before it begins, and would fail at in a less readable way
    all,    ///< what a check asks: also accounts, ports, pid file
};

/// What only this host can judge. Nothing is opened for writing, made, bound or connected.
/// `running_master`: of the server that this configuration runs already, where somebody knows; else 0.
Diagnostics check_host(const config::Settings& settings, HostChecks which, pid_t running_master = 0);

}  // namespace gunicorn::app
