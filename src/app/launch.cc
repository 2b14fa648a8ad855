#include "app/launch.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "app/check.h"
#include "app/command_sources.h"
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
#include "python/interpreter.h"
#include "python/process_setup.h"
#include "server/arbiter/reload_check.h"
#include "server/arbiter/signals.h"

extern "C" char** environ;

namespace gunicorn::app {
namespace {

server::StartContext start_context(const Launch& launch) {
    server::StartContext start;
    start.arguments = launch.arguments;
    start.program = find_locations(launch.arguments.empty() ? std::string() : launch.arguments.front()).launcher;
    start.directory = sys::working_directory();
    for (char** entry = ::environ; *entry != nullptr; ++entry) start.environment.emplace_back(*entry);
    return start;
}

/// What was handed over is for this process alone: the application and its children find nothing of it.
Result<void> take_inheritance(CommandSources& sources, server::StartContext& start) {
    GN_TRY(start.inherited, server::read_inheritance(sources.environment, ::getpid()));
    server::close_on_exec(start.inherited);
    for (const char* name : server::kInheritanceVariables) {
        ::unsetenv(name);
        sources.environment.erase(name);
    }
    return {};
}

/// Where a running server wants to know what a reload would find. Nobody else shall see the variable.
std::optional<server::ReloadCheck> take_reload_check(Host host) {
    const char* text = std::getenv(server::kReloadCheckVariable);
    if (text == nullptr) return std::nullopt;
    const server::ReloadCheck check = server::parse_reload_check(text);
    ::unsetenv(server::kReloadCheckVariable);
    if (host == Host::python) static_cast<void>(python::unset_environment(server::kReloadCheckVariable));
    return check;
}

void check_instead(const server::ReloadCheck& check, CommandSources& sources) {
    sources.reload_check = check;
    sources.command_line.assignments.push_back({"check_config", true, {.kind = SourceKind::command_line}});
    sources.commands.report_format = config::ReportFormat::text;
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
            if (const auto started = start_python(launch, sources.environment); !started) return fail(started.error().message);
        }
        const auto watched = python::dump_stack_on(server::stack_signal(), stack_fd, python::StackOf::current_thread);
        if (!watched) return fail(watched.error().message);
        if (const auto prepared = prepare_python(sources, Judges::yes); !prepared) return fail(prepared.error().message);
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
    if (watched.failure) return fail(*watched.failure);
    if (watched.finished) return watched.status;
    report_unfinished(watched, sources);
    return 1;
}

}  // namespace

int run(const Launch& launch) {
    server::StartContext start = start_context(launch);
    const auto reload_check = take_reload_check(launch.host);
    auto sources = std::make_unique<CommandSources>();
    if (const auto status = read_command_sources(launch.arguments, *sources)) return *status;
    if (reload_check) check_instead(*reload_check, *sources);
    const auto run_task = [&](const CommandSources& given, const std::function<int(const Output&)>& task) {
        return run_in_child(launch, given, task);
    };
    if (!sources->commands.diff_config.empty()) return compare_configurations(*sources, run_task);
    if (!sources->commands.explain_setting.empty()) {
        return run_task(*sources, [&](const Output& output) { return explain_setting(*sources, output); });
    }
    if (is_check(*sources)) {
        return run_task(*sources, [&](const Output& output) { return run_check(*sources, output); });
    }
    if (const auto taken = take_inheritance(*sources, start); !taken) return fail(taken.error().message);
    if (launch.host == Host::executable) {
        if (const auto started = start_python(launch, sources->environment); !started) return fail(started.error().message);
    }
    const auto prepared = prepare_python(*sources, judges_at_start(*sources));
    if (!prepared) return fail(prepared.error().message);
    if (launch.host == Host::python) {
        for (const char* name : server::kInheritanceVariables) {
            if (const auto done = python::unset_environment(name); !done) return fail(done.error().message);
        }
        auto command = python::original_command();
        if (!command) return fail(command.error().message);
        start.arguments = *std::move(command);
        start.program = start.arguments.front();
    }
    const int status = configure_and_serve(std::move(sources), start, launch.arguments);
    return launch.host == Host::executable ? python::finalize_interpreter(status) : status;
}

}  // namespace gunicorn::app
