#pragma once

#include <optional>
#include <string>

#include "base/diagnostic.h"
#include "config/cli_source.h"
#include "config/resolver.h"
#include "config/validation.h"
#include "python/object_table.h"

namespace gunicorn::app {

/// What is read without Python.
struct CommandSources {
    config::CommandLine command_line;
    config::CommandLine command_environment;
    config::Environment environment;
};

struct Configuration {
    config::Settings settings;
    /// Everything that was found, errors and warnings; settings are usable only without errors.
    Diagnostics diagnostics;
    /// Tracebacks of a config file that raised, for people.
    std::string traceback;
    /// The config file called sys.exit(): the program ends with that status.
    std::optional<int> exit_requested;
};

/// Reads every source in its order and resolves them. `context.objects` is `objects`. GIL held; runs the config file.
Configuration load_configuration(const CommandSources& sources, const config::ValidationContext& context,
                                 python::ObjectTable& objects);

}  // namespace gunicorn::app
