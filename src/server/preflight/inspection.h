#pragma once
// What every check of the preflight is given, and the checks. None of them changes anything on the host.

#include <vector>

#include "config/settings.gen.h"
#include "server/preflight/findings.h"
#include "server/preflight/host.h"
#include "server/preflight/identity.h"
#include "server/preflight/planned_addresses.h"
#include "server/preflight/running_server.h"

namespace gunicorn::server::preflight {

struct Inspection {
    const config::Settings& settings;
    const Host& host;
    const Identity& master;   ///< opens logs, pid file and listeners
    const Identity& workers;  ///< opens everything else
    const std::vector<PlannedAddress>& planned;
    const std::vector<Obstruction>& in_the_way;
    const RunningServer& running;
    Findings& findings;
};

/// user, group, initgroups: whether this process may become them, whom `workers` are.
void check_accounts(const config::Settings& settings, const Host& host, const Identity& workers, Findings& findings);
/// chdir, pythonpath, tmp_upload_dir, worker_tmp_dir, and the logs that workers open again on USR1.
void check_worker_paths(const Inspection& inspection);
/// What is in the pid file.
void check_pidfile(const Inspection& inspection);
/// Host and port: whether it can be bound, and who has it.
void check_tcp_addresses(const Inspection& inspection);
/// Entries of bind that exclude each other.
void check_overlaps(const Inspection& inspection);
void check_unix_sockets(const Inspection& inspection);
/// fd://N and what systemd passed.
void check_descriptors(const Inspection& inspection);
/// The host of statsd_host has an address.
void check_statsd(const Inspection& inspection);

/// "nginx (pid 12)", or what is known when this user may not see the process.
[[nodiscard]] std::string describe_holders(const Obstruction& socket, const Host& host);

}  // namespace gunicorn::server::preflight
