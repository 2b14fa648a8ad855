#include "server/arbiter/timeout_report.h"

#include <fmt/format.h>

#include "server/log/access_format.h"

namespace gunicorn::server {

void report_timeout(const WorkerRow& row, const WorkerSlot& slot, gateway::LogSink& log) {
    if (!row.ready_at) {
        log.critical(fmt::format("WORKER BOOT TIMEOUT (pid:{}), step: {}", row.pid, name_of(slot.step())));
        return;
    }
    log.critical(fmt::format("WORKER TIMEOUT (pid:{})", row.pid));  // Gunicorn: murder_workers
    const std::string line = slot.request_line();
    if (line.empty()) return;
    std::string escaped;
    append_escaped(line, escaped);
    log.critical(fmt::format("Worker (pid:{}) was handling: {}", row.pid, escaped));
}

}  // namespace gunicorn::server
