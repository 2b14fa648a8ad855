#pragma once

#include <string>

#include "config/settings.gen.h"
#include "server/arbiter/generation.h"

namespace gunicorn::app {

/// What `reload` watches beside modules, by the settings. `working_directory` is where the server was started: relative
/// paths begin there, whatever `chdir` says.
[[nodiscard]] server::DevelopmentFiles development_files(const config::Settings& settings,
                                                         const std::string& working_directory);

}  // namespace gunicorn::app
