#include "config/env_source.h"

#include "base/text.h"

namespace gunicorn::config {
namespace {

CommandLine refused(DiagId id, std::string message) {
    CommandLine command_line;
    command_line.origin = CliOrigin::command_environment;
    command_line.problem = CliProblem{.id = id, .message = std::move(message), .exit_code = 1};
    return command_line;
}

}  // namespace

CommandLine parse_command_environment(const Environment& environment) {
    const auto variable = environment.find(kCommandVariable);
    const std::string value = variable == environment.end() ? std::string() : variable->second;
    const auto words = text::shell_split(value);
    if (!words) {
        // What one more character would complete ended in a backslash (shlex tells the two apart).
        const bool is_escape = text::shell_split(value + "x").has_value();
        return refused(DiagId::bad_syntax, is_escape ? "No escaped character" : "No closing quotation");
    }
    CommandLine command_line = parse_command_line(*words, CliOrigin::command_environment);
    command_line.positionals.clear();
    return command_line;
}

}  // namespace gunicorn::config
