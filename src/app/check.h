#pragma once

#include "app/configuration.h"
#include "app/output.h"
#include "app/preparation.h"

namespace gunicorn::app {

/// --check-config and --print-config: the real start with its last step left out. Answers the exit status, 0 or 1. GIL held;
/// the process is good for nothing else afterwards.
int run_check(const CommandSources& sources, const Output& output);

/// The same for a configuration that has been read already, since it asked for the check itself.
int run_check(const CommandSources& sources, Preparation& preparation, const Output& output);

}  // namespace gunicorn::app
