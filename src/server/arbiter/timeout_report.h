#pragma once

#include "gateway/log_sink.h"
#include "server/arbiter/process_table.h"
#include "server/worker/scoreboard.h"

namespace gunicorn::server {

/// What the log says of a worker that is about to be ended because it was silent for too long: the request it was in, or,
/// when it never was ready, the step of its start.
void report_timeout(const WorkerRow& row, const WorkerSlot& slot, gateway::LogSink& log);

}  // namespace gunicorn::server
