#include "app/launch.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>

#include "app/check.h"
#include "app/compare.h"
#include "app/configuration.h"
#include "app/locations.h"
#include "app/orphans.h"
#include "app/output.h"
#include "app/preparation.h"
#include "app/serve.h"
#include "app/show.h"
#include "app/unfinished_check.h"
#include "app/watchdog.h"
#include "base/sys.h"
#include "config/cli_source.h"
#include "config/env_file.h"
#include "config/env_source.h"
#include "config/help.h"
#include "config/report/explain_setting.h"
#include "config/report/json_schema.h"
#include "python/interpreter.h"
#include "python/process_setup.h"
#include "server/arbiter/signals.h"

extern "C" char** environ;

namespace gunicorn::app {
namespace {

int fail(const Error& error) {
    std::fprintf(stderr, "\nError: %s\n", error.message.c_str());
    return 1;
}

config::Environment environment_now() {
    config::Environment variables;
    for (char** entry = ::environ; *entry != nullptr; ++entry) {
        const char* equals = std::strchr(*entry, '=');
        if (equals != nullptr) variables.emplace(std::string(static_cast<const char*>(*entry), equals), equals + 1);
    }
    return variables;
}

server::StartContext start_context(const Launch& launch) {
    server::StartContext start;
    start.arguments = launch.arguments;
    start.program = find_locations(launch.arguments.empty() ? std::string() : launch.arguments.front()).launcher;
    start.directory = sys::working_directory();
    for (char** entry = ::environ; *entry != nullptr; ++entry) start.environment.emplace_back(*entry);
    return start;
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

bool is_check(const CommandSources& sources) { return sources.asks_for("check_config") || sources.asks_for("print_config"); }

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

enum class Judges { yes, no };

/// Whether a start executes and judges Python text: a configuration file, or the arguments of `module:factory(...)`.
Judges judges_at_start(const CommandSources& sources) {
    return has_config_file(sources) || sources.application().find('(') != std::string::npos ? Judges::yes : Judges::no;
}

/// What every use of Python begins with. GIL held.
Result<void> prepare_python(const CommandSources& sources, Judges judges) {
    // Ours, and what ours needs of the standard library, before files of the project may stand in their place.
    GN_CHECK(python::import_for_server());
    if (judges == Judges::yes) GN_CHECK(python::import_for_checks());
    GN_CHECK(python::prepend_to_path(sys::working_directory()));
    GN_CHECK(python::announce_server());
    if (const auto& simulation = sources.commands.simulation) {
        const std::optional<std::int64_t> user =
            simulation->user.empty() ? std::nullopt : std::optional(starting_user(sources.commands));
        GN_CHECK(python::pretend_host(simulation->cpus, user, simulation->hostname));
        if (!simulation->env_file.empty()) GN_CHECK(python::replace_environment(sources.environment));
    }
    return {};
}

Result<void> start_python(const Launch& launch, const config::Environment& environment) {
    const Locations locations = find_locations(launch.arguments.empty() ? std::string() : launch.arguments.front());
    python::InterpreterOptions options;
    options.arguments = launch.arguments;
    options.launcher = locations.launcher;
    options.package_folder = locations.package_folder;
    options.default_python = GN_PYTHON_EXECUTABLE;
    if (const auto found = environment.find("VIRTUAL_ENV"); found != environment.end()) {
        options.virtual_environment = found->second;
    }
    GN_TRY(const std::string chosen, python::choose_python(options));
    return python::start_interpreter(options, chosen);
}

/// Runs a task that needs Python in a child, so that whatever the configuration or the application does ends with that, and
/// in time.
int run_in_child(const Launch& launch, const CommandSources& sources, const std::function<int(const Output&)>& task) {
    WatchedTask watched_task;
    watched_task.body = [&](int stack_fd) {
        const Output output = Output::shielded();
        if (launch.host == Host::executable) {
            if (const auto started = start_python(launch, sources.environment); !started) return fail(started.error());
        }
        const auto watched = python::dump_stack_on(server::stack_signal(), stack_fd, python::StackOf::current_thread);
        if (!watched) return fail(watched.error());
        if (const auto prepared = prepare_python(sources, Judges::yes); !prepared) return fail(prepared.error());
        const int status = task(output);
        const auto& lost = output.lost();
        if (!lost) return status;
        // Whoever closed the pipe, like `head`, has seen what he wanted.
        if (lost->code != EPIPE) output.message("\nError: the report could not be written: " + lost->message + "\n");
        return 1;
    };
    watched_task.leave = [](int status) {
        kill_children();  // those of multiprocessing would be waited for
        if (python::is_running()) python::leave_interpreter(status);
    };
    if (launch.host == Host::python) {
        watched_task.before_fork = python::before_fork;
        watched_task.after_fork_in_parent = python::after_fork_in_parent;
        watched_task.after_fork_in_child = python::after_fork_in_child;
    }
    const Watched watched = run_watched(watched_task, std::chrono::seconds(sources.commands.check_timeout));
    if (watched.failure) return fail({.message = *watched.failure});
    if (watched.finished) return watched.status;
    report_unfinished(watched, sources);
    return 1;
}

/// Makes variables of --env-file part of the environment; what is set already stays.
Result<void> read_env_files(const Launch& launch, const std::vector<std::string>& files, CommandSources& sources) {
    for (const std::string& file : files) {
        for (const auto& [name, value] : config::read_env_file(file, sources.diagnostics, sources.texts)) {
            if (!sources.environment.emplace(name, value).second) continue;
            ::setenv(name.c_str(), value.c_str(), 1);
            if (launch.host == Host::python) GN_CHECK(python::set_environment(name, value));
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

/// Reads the command line and GUNICORN_CMD_ARGS. A status when the program is done already.
std::optional<int> read_commands(const Launch& launch, CommandSources& sources) {
    const std::vector<std::string> words(launch.arguments.begin() + (launch.arguments.empty() ? 0 : 1),
                                         launch.arguments.end());
    int status = 0;
    sources.command_line = config::parse_command_line(words);
    if (answer_at_once(sources.command_line, sources.environment, status)) return status;
    const auto own = config::read_commands({}, sources.command_line);
    if (own && own->simulation) simulate_environment(*own->simulation, sources);
    if (own) {
        if (const auto done = read_env_files(launch, own->env_files, sources); !done) return fail(done.error());
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
    if (const auto done = read_env_files(launch, further, sources); !done) return fail(done.error());
    if (answer_commands(sources.commands, status)) return status;
    sources.texts.add("command line", sources.command_line.text);
    sources.texts.add(std::string(config::kCommandVariable), sources.command_environment.text);
    for (const config::CommandLine* given : {&sources.command_environment, &sources.command_line}) {
        sources.diagnostics.insert(sources.diagnostics.end(), given->diagnostics.begin(), given->diagnostics.end());
    }
    return std::nullopt;
}

}  // namespace

int run(const Launch& launch) {
    server::StartContext start = start_context(launch);
    CommandSources sources;
    sources.process = ::getpid();
    sources.environment = environment_now();
    if (const auto status = read_commands(launch, sources)) return *status;
    const auto run_task = [&](const CommandSources& given, const std::function<int(const Output&)>& task) {
        return run_in_child(launch, given, task);
    };
    if (!sources.commands.diff_config.empty()) return compare_configurations(sources, run_task);
    if (!sources.commands.explain_setting.empty()) {
        return run_task(sources, [&](const Output& output) { return explain_setting(sources, output); });
    }
    if (is_check(sources)) {
        return run_task(sources, [&](const Output& output) { return run_check(sources, output); });
    }
    if (launch.host == Host::executable) {
        if (const auto started = start_python(launch, sources.environment); !started) return fail(started.error());
    }
    const auto prepared = prepare_python(sources, judges_at_start(sources));
    if (!prepared) return fail(prepared.error());
    if (launch.host == Host::python) {
        auto command = python::original_command();
        if (!command) return fail(command.error());
        start.arguments = *std::move(command);
        start.program = start.arguments.front();
    }
    const int status = configure_and_serve(sources, start);
    return launch.host == Host::executable ? python::finalize_interpreter(status) : status;
}

}  // namespace gunicorn::app
