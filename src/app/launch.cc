#include "app/launch.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "app/configuration.h"
#include "app/locations.h"
#include "app/orphans.h"
#include "app/serve.h"
#include "base/sys.h"
#include "config/cli_source.h"
#include "config/env_source.h"
#include "config/help.h"
#include "python/interpreter.h"

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

bool asks_for(const config::CommandLine& words, std::string_view flag) {
    for (const config::Assignment& assignment : words.assignments) {
        if (assignment.setting == flag) return true;
    }
    return false;
}

/// How the interpreter ends: a check waits for no thread that the configuration or the application left running.
enum class End { finalize, leave };

int run_in_interpreter(const Launch& launch, const CommandSources& sources, End end) {
    if (launch.host == Host::python) return configure_and_serve(launch, sources);
    const Locations locations = find_locations(launch.arguments.empty() ? std::string() : launch.arguments.front());
    python::InterpreterOptions options;
    options.arguments = launch.arguments;
    options.launcher = locations.launcher;
    options.package_folder = locations.package_folder;
    options.default_python = GN_PYTHON_EXECUTABLE;
    if (const auto found = sources.environment.find("VIRTUAL_ENV"); found != sources.environment.end()) {
        options.virtual_environment = found->second;
    }
    const auto chosen = python::choose_python(options);
    const auto started = chosen ? python::start_interpreter(options, *chosen) : Result<void>(Unexpected{chosen.error()});
    if (!started) {
        std::fprintf(stderr, "\nError: %s\n", started.error().message.c_str());
        return 1;
    }
    const int status = configure_and_serve(launch, sources);
    if (end == End::leave) {
        kill_children();  // those of multiprocessing would be waited for
        python::leave_interpreter(status);
    }
    return python::finalize_interpreter(status);
}

/// The check runs in a child, so that whatever the configuration or the application does ends with that.
int run_in_child(const Launch& launch, const CommandSources& sources) {
    std::fflush(nullptr);
    adopt_orphans();
    const pid_t child = ::fork();
    if (child < 0) {
        std::fprintf(stderr, "\nError: %s\n", sys::system_error("fork").message.c_str());
        return 1;
    }
    if (child == 0) {
        const int status = run_in_interpreter(launch, sources, End::leave);
        std::fflush(nullptr);
        ::_exit(status);
    }
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    end_orphans();
    if (WIFEXITED(status)) return WEXITSTATUS(status);
    std::fprintf(stderr, "\nError: the check was ended by signal %d (%s)\n", WTERMSIG(status), ::strsignal(WTERMSIG(status)));
    return 1;
}

}  // namespace

int run(const Launch& launch) {
    CommandSources sources;
    sources.environment = environment_now();
    const std::vector<std::string> words(launch.arguments.begin() + (launch.arguments.empty() ? 0 : 1), launch.arguments.end());
    sources.command_line = config::parse_command_line(words);
    int status = 0;
    if (answer_at_once(sources.command_line, sources.environment, status)) return status;
    sources.command_environment = config::parse_command_environment(sources.environment);
    if (answer_at_once(sources.command_environment, sources.environment, status)) return status;

    bool is_check = false;
    for (const config::CommandLine* given : {&sources.command_line, &sources.command_environment}) {
        is_check = is_check || asks_for(*given, "check_config") || asks_for(*given, "print_config");
    }
    if (is_check && launch.host == Host::executable) return run_in_child(launch, sources);
    return run_in_interpreter(launch, sources, End::finalize);
}

}  // namespace gunicorn::app
