#pragma once
// Options that ask something of the program and are no settings: how to check, what to show. They stand on the command line
// and in GUNICORN_CMD_ARGS only.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "config/cli_source.h"
#include "config/registry.h"
#include "config/report/diagnostic_report.h"
#include "config/report/shown_config.h"
#include "config/simulation.h"

namespace gunicorn::config {

/// The options as the parser and --help see them; `set`, `get` and `default_value` are null, `id` means nothing.
[[nodiscard]] std::span<const Declaration> command_options() noexcept;

/// A switch among the settings that may carry a value behind "=": --check-config=offline.
struct SwitchDetail {
    std::string_view setting;
    std::string_view command;  ///< the value's name among the commands
    std::span<const std::string_view> choices;
    bool takes_names;  ///< "json:workers,bind": names of settings may follow
};
/// Null when the setting is no such switch.
[[nodiscard]] const SwitchDetail* find_switch_detail(std::string_view setting) noexcept;

/// How far --check-config goes.
enum class CheckLevel {
    offline,  ///< syntax, names, types, rules: what holds on every host
    host,     ///< and the files, users, ports and certificates of this one
    full,     ///< and the application
};

/// What -W says of one code, or of all that are no errors ("all").
struct WarningRule {
    enum class Action { error, warning, ignore };
    Action action = Action::error;
    std::optional<DiagId> id;  ///< nothing: every warning
};

struct Commands {
    CheckLevel check_level = CheckLevel::full;
    std::optional<ReportFormat> report_format;
    std::int64_t check_timeout = 60;  ///< seconds; 0: none
    bool strict = false;
    bool show_secrets = false;
    std::vector<WarningRule> warning_rules;  ///< in order; a later one replaces
    ShownForm shown_form = ShownForm::gunicorn;
    Selection selection;  ///< what to print
    std::string explain;
    std::string explain_setting;
    bool schema = false;
    std::vector<std::string> env_files;
    std::string diff_config;
    std::optional<Simulation> simulation;
};

/// What is wrong with a value, with exit code 2, and in which of the two sources.
struct CommandProblem {
    CliProblem problem;
    CliOrigin source = CliOrigin::command_line;
};

/// The stronger source is the command line; -W and --env-file of both count, the variable's first.
[[nodiscard]] Result<Commands, CommandProblem> read_commands(const CommandLine& environment, const CommandLine& command_line);

}  // namespace gunicorn::config
