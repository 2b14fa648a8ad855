#pragma once

#include "app/configuration.h"
#include "app/launch.h"

namespace gunicorn::app {

/// The part of the program that has Python: loads the configuration, reports what is wrong with it, checks or serves. Answers
/// the exit status. GIL held.
int configure_and_serve(const Launch& launch, const CommandSources& sources);

}  // namespace gunicorn::app
