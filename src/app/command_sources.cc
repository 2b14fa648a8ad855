#include "app/command_sources.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "app/output.h"
#include "config/cli_source.h"
#include "config/env_file.h"
#include "config/env_source.h"
#include "config/help.h"
#include "config/report/explain_setting.h"
#include "config/report/json_schema.h"
#include "python/interpreter.h"
#include "python/process_setup.h"

extern "C" char** environ;

namespace gunicorn::app {
namespace {

config::Environment environment_now() {
    config::Environment variables;
    for (char** entry = ::environ; *entry != nullptr; ++entry) {
        const char* equals = std::strchr(*entry, '=');
        if (equals != nullptr) variables.emplace(std::string(static_cast<const char*>(*entry), equals), equals + 1);
    }
    return variables;
}

/// What argparse does before anything else: --help, --version, and usage with what is wrong. True: the program is done.
bool answer_at_once(const config::CommandLine& words, const config::Environment& environment, int& status) {
    if (words.request == config::CliRequest::help) {
        std::fputs(config::help_text("gunicorn", config::terminal_columns(environment)).c_str(), stdout);
    } else if (words.request == config::CliRequest::version) {
        std::fputs(config::version_text().c_str(), stdout);
    } else if (words.problem) {
        std::fputs(config::problem_text(words).c_str(), stderr);
        status = words.problem->exit_code;
    } else {
        return false;
    }
    return true;
}

/// The same for what commands ask that needs no configuration.
bool answer_commands(const config::Commands& commands, int& status) {
    if (commands.schema) {
        std::fputs(std::string(config::json_schema()).c_str(), stdout);
    } else if (!commands.explain.empty()) {
        const auto page = config::explain_code(commands.explain);
        std::fputs(page ? page->c_str() : ("\nError: " + page.error() + "\n").c_str(), page ? stdout : stderr);
        status = page ? 0 : 1;
    } else {
        return false;
    }
    return true;
}

/// What is wrong with a command that means nothing without another; empty when all is well.
std::string missing_companion(const CommandSources& sources, const config::Commands& commands) {
    const bool compares = !commands.diff_config.empty() || !commands.explain_setting.empty();
    if (commands.simulation && !is_check(sources) && !compares) {
        return "argument --simulate: needs --check-config, --print-config or --diff-config";
    }
    if (commands.selection.changed_only && !sources.asks_for("print_config")) {
        return "argument --changed: needs --print-config";
    }
    return {};
}

/// Makes variables of --env-file part of the environment; what is set already stays.
Result<void> read_env_files(const std::vector<std::string>& files, CommandSources& sources) {
    for (const std::string& file : files) {
        for (const auto& [name, value] : config::read_env_file(file, sources.diagnostics, sources.texts)) {
            if (!sources.environment.emplace(name, value).second) continue;
            sources.file_variables.push_back(name);
            ::setenv(name.c_str(), value.c_str(), 1);
            if (python::is_running()) GN_CHECK(python::set_environment(name, value));
        }
    }
    return {};
}

/// Makes the environment that of the simulated host: ours without what configurations read, and what its file says.
void simulate_environment(const config::Simulation& simulation, CommandSources& sources) {
    if (simulation.env_file.empty()) return;
    sources.environment = config::bare_environment(sources.environment);
    ::clearenv();
    for (const auto& [name, value] : config::read_env_file(simulation.env_file, sources.diagnostics, sources.texts)) {
        sources.environment.insert_or_assign(name, value);
    }
    for (const auto& [name, value] : sources.environment) ::setenv(name.c_str(), value.c_str(), 1);
}

}  // namespace

bool is_check(const CommandSources& sources) { return sources.asks_for("check_config") || sources.asks_for("print_config"); }

std::optional<int> read_command_sources(const std::vector<std::string>& arguments, CommandSources& sources) {
    sources.process = ::getpid();
    sources.environment = environment_now();
    const std::vector<std::string> words(arguments.begin() + (arguments.empty() ? 0 : 1), arguments.end());
    int status = 0;
    sources.command_line = config::parse_command_line(words);
    if (answer_at_once(sources.command_line, sources.environment, status)) return status;
    const auto own = config::read_commands({}, sources.command_line);
    if (own && own->simulation) simulate_environment(*own->simulation, sources);
    if (own) {
        if (const auto done = read_env_files(own->env_files, sources); !done) return fail(done.error().message);
    }
    sources.command_environment = config::parse_command_environment(sources.environment);
    if (answer_at_once(sources.command_environment, sources.environment, status)) return status;
    auto commands = own ? config::read_commands(sources.command_environment, sources.command_line) : own;
    if (commands) {
        if (const std::string missing = missing_companion(sources, *commands); !missing.empty()) {
            commands = Unexpected{config::CommandProblem{{.message = missing}}};
        }
    }
    if (!commands) {
        const auto& [problem, source] = commands.error();
        const bool is_variable = source == config::CliOrigin::command_environment;
        config::CommandLine& wrong = is_variable ? sources.command_environment : sources.command_line;
        wrong.problem = problem;
        answer_at_once(wrong, sources.environment, status);
        return status;
    }
    sources.commands = *std::move(commands);
    const auto& files = sources.commands.env_files;
    const std::size_t of_variable = files.size() - own->env_files.size();
    const std::vector<std::string> further(files.begin(), files.begin() + static_cast<std::ptrdiff_t>(of_variable));
    if (const auto done = read_env_files(further, sources); !done) return fail(done.error().message);
    if (answer_commands(sources.commands, status)) return status;
    sources.texts.add("command line", sources.command_line.text);
    sources.texts.add(std::string(config::kCommandVariable), sources.command_environment.text);
    for (const config::CommandLine* given : {&sources.command_environment, &sources.command_line}) {
        sources.diagnostics.insert(sources.diagnostics.end(), given->diagnostics.begin(), given->diagnostics.end());
    }
    return std::nullopt;
}

}  // namespace gunicorn::app
