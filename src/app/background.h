#pragma once

#include <memory>

#include "base/result.h"
#include "config/settings.gen.h"
#include "server/arbiter/daemonize.h"
#include "server/arbiter/start_context.h"

namespace gunicorn::app {

/// Goes to the background where `daemon` asks for it; the process that was started waits inside, and ends there. Null when
/// this process is to stay where it is, as that of an upgrade is: its predecessor is a daemon already. GIL held.
Result<std::unique_ptr<server::Daemon>> go_to_background(const config::Settings& settings,
                                                         const server::StartContext& start);

}  // namespace gunicorn::app
