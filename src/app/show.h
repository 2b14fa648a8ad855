#pragma once

#include "app/configuration.h"
#include "app/output.h"

namespace gunicorn::app {

/// --explain-setting: the page of a setting with the places that set it now. Answers the exit status; 1 when there is no
/// such setting. What is wrong with the configuration is told, and does not count. GIL held.
int explain_setting(const CommandSources& sources, const Output& output);

/// Writes the resolved configuration in its JSON form, secrets included, to a descriptor of our own: one side of
/// --diff-config. Answers 0, or 2 when the configuration has errors, which are told. GIL held.
int write_dump(const CommandSources& sources, int fd, const Output& output);

}  // namespace gunicorn::app
