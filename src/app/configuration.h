#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "config/cli_source.h"
#include "config/commands.h"
#include "config/report/source_texts.h"
#include "config/resolver.h"
#include "config/validation.h"
#include "python/object_table.h"
#include "server/arbiter/reload_check.h"

namespace gunicorn::app {

/// What is read without Python.
struct CommandSources {
    config::CommandLine command_line;
    config::CommandLine command_environment;
    config::Environment environment;          ///< with the variables of --env-file
    std::vector<std::string> file_variables;  ///< which of them came from there
    config::Commands commands;
    std::optional<server::ReloadCheck> reload_check;  ///< a running master asks, and its reload follows
    pid_t process = 0;                                ///< the program's own, also in a child that checks for it
    Diagnostics diagnostics;                          ///< about these sources
    config::SourceTexts texts;                        ///< of these sources

    /// Whether the command line or the variable mentions the setting.
    [[nodiscard]] bool asks_for(std::string_view setting) const;
    /// "module:name": the command line's. Empty when there is none.
    [[nodiscard]] std::string application() const {
        return command_line.positionals.empty() ? std::string() : command_line.positionals.front();
    }
};

struct Configuration {
    /// Settings, findings of every source and of their resolution, and the history of every setting.
    config::Resolution resolution;
    /// Lines of all sources, for reports.
    config::SourceTexts texts;
    /// Tracebacks of a config file that raised, for people.
    std::string traceback;
    /// The config file called sys.exit(): a start ends with that status.
    std::optional<int> exit_requested;
};

/// Whether a configuration file is named, or there is one that is found by itself.
[[nodiscard]] bool has_config_file(const CommandSources& sources);

/// Reads every source in its order and resolves them. `context.objects` is `objects`. GIL held; runs the config files.
Configuration load_configuration(const CommandSources& sources, const config::ValidationContext& context,
                                 python::ObjectTable& objects);

}  // namespace gunicorn::app
