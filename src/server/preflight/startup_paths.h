#pragma once
// The files that a start makes or opens as the user who starts the server: logs, pid file, unix sockets, certificates and
// keys.

#include "server/preflight/findings.h"
#include "server/preflight/identity.h"

namespace gunicorn::server::preflight {

/// errorlog, accesslog; "-" is a stream.
void check_log_files(const config::Settings& settings, const Identity& master, Findings& findings);

/// logconfig and logconfig_json.
void check_log_configs(const config::Settings& settings, const Identity& master, Findings& findings);

/// The directory of the pid file, and whether the file can be made or replaced there.
void check_pidfile_place(const config::Settings& settings, const Identity& master, Findings& findings);

/// The directory of each unix socket.
void check_socket_folders(const config::Settings& settings, const Identity& master, Findings& findings);

/// certfile, keyfile, ca_certs, and ciphers, as far as there is a certfile. The master reads them once, before workers give
/// up its rights.
void check_tls_files(const config::Settings& settings, const Identity& master, Findings& findings);

}  // namespace gunicorn::server::preflight
