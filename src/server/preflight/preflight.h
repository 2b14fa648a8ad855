#pragma once
// Whether this host lets a configuration start. README.md says what is asked, and as whom.

#include "base/diagnostic.h"
#include "config/settings.gen.h"
#include "server/preflight/host.h"

namespace gunicorn::server::preflight {

/// Everything about this host: accounts, paths, pid file, addresses, descriptors, certificates. Nothing is bound, connected,
/// made or written; safe beside the running server. For the duration of single questions the calling thread has the file
/// permissions of the workers' user. **Blocks** for host names in bind and statsd_host.
[[nodiscard]] Diagnostics inspect_host(const config::Settings& settings, const Host& host);

/// What a start asks before it begins, cheap: logs, the directories of pid file and unix sockets, certificates and keys
/// (startup_paths.h); and user and group, where they are somebody else's.
[[nodiscard]] Diagnostics inspect_start(const config::Settings& settings);

}  // namespace gunicorn::server::preflight
