#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/diagnostic.h"
#include "config/report/source_texts.h"

namespace gunicorn::config {

using Variables = std::vector<std::pair<std::string, std::string>>;

/// Reads a file of NAME=VALUE lines, as --env-file takes it: empty lines and lines that begin with # are passed over,
/// `export ` in front is allowed, a value may stand in single quotes (as it is) or in double quotes (\n \t \" \\ \$ are
/// escapes); an unquoted value ends at " #" and loses the spaces around it, a quoted one may span lines. Nothing is
/// expanded. What is wrong is said with the line where it begins, and the text goes into `texts`.
Variables read_env_file(const std::string& path, Diagnostics& diagnostics, SourceTexts& texts);

/// The same for a text; `name` is for messages.
Variables parse_env_text(std::string_view text, const std::string& name, Diagnostics& diagnostics);

}  // namespace gunicorn::config
