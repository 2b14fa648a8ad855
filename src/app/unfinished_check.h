#pragma once

#include "app/configuration.h"
#include "app/watchdog.h"

namespace gunicorn::app {

/// Says why a check did not end by itself, in the format that was asked for: the line it hung on, or the signal that ended
/// it.
void report_unfinished(const Watched& watched, const CommandSources& sources);

}  // namespace gunicorn::app
