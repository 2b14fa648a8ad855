#pragma once

#include "config/cli_source.h"
#include "config/validation.h"

namespace gunicorn::config {

/// Reads GUNICORN_CMD_ARGS: shlex.split, then the parser of the command line (Gunicorn: load_config_from_environ,
/// get_cmd_args_from_env). Positionals are dropped. Empty when the variable is not set. A quotation that is not closed is a
/// problem with exit code 1, "No closing quotation".
[[nodiscard]] CommandLine parse_command_environment(const Environment& environment);

}  // namespace gunicorn::config
