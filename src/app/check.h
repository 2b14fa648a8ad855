#pragma once

#include "app/configuration.h"
#include "app/output.h"

namespace gunicorn::app {

/// --check-config and --print-config: the real start with its last step left out. Answers the exit status, 0 or 1. GIL held;
/// the process is good for nothing else afterwards.
int run_check(const CommandSources& sources, const Output& output);

}  // namespace gunicorn::app
