#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/configuration.h"

namespace gunicorn::app {

/// Whether the sources ask for a report instead of a server.
[[nodiscard]] bool is_check(const CommandSources& sources);

/// The environment of this process, and what the command line `arguments` (argv, the program first), GUNICORN_CMD_ARGS and
/// files of --env-file say, whose variables become part of it. A status when the program is done already: it has answered
/// --help, or has said what is wrong.
std::optional<int> read_command_sources(const std::vector<std::string>& arguments, CommandSources& sources);

}  // namespace gunicorn::app
