#pragma once

#include "app/configuration.h"
#include "server/arbiter/start_context.h"

namespace gunicorn::app {

/// Loads the configuration, reports what is wrong with it, and serves. Answers the exit status. GIL held.
int configure_and_serve(const CommandSources& sources, const server::StartContext& start);

}  // namespace gunicorn::app
