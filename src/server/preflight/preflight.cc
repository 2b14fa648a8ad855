#include "server/preflight/preflight.h"

#include "server/preflight/inspection.h"
#include "server/preflight/startup_paths.h"

namespace gunicorn::server::preflight {
namespace {

void check_startup_files(const config::Settings& settings, const Identity& master, Findings& findings) {
    check_log_files(settings, master, findings);
    check_log_configs(settings, master, findings);
    check_pidfile_place(settings, master, findings);
    check_socket_folders(settings, master, findings);
    check_tls_files(settings, master, findings);
}

}  // namespace

Diagnostics inspect_host(const config::Settings& settings, const Host& host) {
    Findings findings(settings);
    const Identity master = identity_of_master();
    const Identity workers = identity_of_workers(settings);
    const std::vector<PlannedAddress> planned = planned_addresses(settings);
    const std::vector<Obstruction> in_the_way = obstructions(planned, host);
    const RunningServer running = RunningServer::find(settings, host, in_the_way);
    const Inspection inspection{settings, host, master, workers, planned, in_the_way, running, findings};
    check_startup_files(settings, master, findings);
    check_accounts(settings, host, workers, findings);
    for (const auto check :
         {check_worker_paths, check_pidfile, check_tcp_addresses, check_overlaps, check_unix_sockets, check_descriptors,
          check_statsd}) {
        check(inspection);
    }
    return findings.take();
}

Diagnostics inspect_start(const config::Settings& settings) {
    Findings findings(settings);
    const Identity master = identity_of_master();
    const Identity workers = identity_of_workers(settings);
    check_startup_files(settings, master, findings);
    const bool changes = workers.user != master.user || workers.group != master.group;
    if (changes) check_accounts(settings, Host::inspect(), workers, findings);
    return findings.take();
}

}  // namespace gunicorn::server::preflight
