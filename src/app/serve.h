#pragma once

#include "app/configuration.h"

namespace gunicorn::app {

/// Loads the configuration, reports what is wrong with it, and serves. Answers the exit status. GIL held.
int configure_and_serve(const CommandSources& sources);

}  // namespace gunicorn::app
