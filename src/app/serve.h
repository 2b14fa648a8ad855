#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/configuration.h"
#include "server/arbiter/start_context.h"

namespace gunicorn::app {

/// Loads the configuration, reports what is wrong with it, and serves. `arguments` is argv, as a reload reads it again.
/// Answers the exit status. GIL held.
int configure_and_serve(std::unique_ptr<CommandSources> sources, const server::StartContext& start,
                        const std::vector<std::string>& arguments);

}  // namespace gunicorn::app
