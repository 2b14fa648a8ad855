#pragma once

#include <string>
#include <string_view>

#include "config/validation.h"

namespace gunicorn::config {

/// "usage: gunicorn [OPTIONS] [APP_MODULE]\n"
[[nodiscard]] std::string usage_line(std::string_view program = "gunicorn");

/// What --help prints, laid out as argparse does for a terminal of `columns`.
[[nodiscard]] std::string help_text(std::string_view program = "gunicorn", int columns = 80);

/// "gunicorn (version 1.2.3)\n"
[[nodiscard]] std::string version_text(std::string_view program = "gunicorn");

/// $COLUMNS when it is a positive number, else the width of the terminal on standard output, else 80
/// (shutil.get_terminal_size).
[[nodiscard]] int terminal_columns(const Environment& environment);

}  // namespace gunicorn::config
