#include <fmt/format.h>

#include "server/preflight/inspection.h"
#include "server/statsd/statsd_socket.h"

namespace gunicorn::server::preflight {

// The server starts all the same, without metrics.
void check_statsd(const Inspection& inspection) {
    const auto& written = inspection.settings.statsd_host;
    if (!written) return;
    const auto resolved = resolve(statsd_address(*written));
    if (resolved) return;
    inspection.findings.report_as(Severity::warning, DiagId::unknown_host_name, config::SettingId::statsd_host,
                                  fmt::format("{}: no metrics can be sent there ({})", *written, resolved.error().message));
}

}  // namespace gunicorn::server::preflight
