#include "app/serve.h"

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "app/background.h"
#include "app/check.h"
#include "app/findings.h"
#include "app/generations.h"
#include "app/process_state.h"
#include "config/cross_checks.h"
#include "config/report/diagnostic_policy.h"
#include "python/interpreter.h"
#include "python/runtime.h"
#include "server/arbiter/arbiter.h"

namespace gunicorn::app {
namespace {

int status_of(const Output& output, const Error& error) {
    if (error.kind != ErrorKind::system_exit) return fail(error.message, output);
    if (!error.message.empty()) output.message(error.message + "\n");
    return error.code;
}

int serve(const Output& output, std::unique_ptr<LoadedGeneration> generation, python::Runtime& runtime,
          Generations& generations, const server::StartContext& start, server::Daemon* daemon) {
    if (config::is_preloaded(generation->settings)) {
        if (auto loaded = runtime.preload_application(); !loaded) return status_of(output, loaded.error());
    }
    const std::unique_ptr<gateway::InterpreterLock> lock = runtime.make_lock();
    server::ArbiterServices services;
    services.fork_observer = &runtime;
    services.runtime = &runtime;
    services.invoker = &runtime;
    services.lock = lock.get();
    services.loader = &generations;
    services.start = &start;
    services.daemon = daemon;
    services.python_version = python::version();
    services.check_limit = std::chrono::seconds(generation->sources().commands.check_timeout);
    server::Arbiter arbiter(std::move(generation), services);
    runtime.set_master(&arbiter);
    const int status = arbiter.run();
    runtime.set_master(nullptr);
    return status;
}

/// Notes are for checks; what is left is told. A status when the server must not start.
std::optional<int> tell_and_judge(const Output& output, Diagnostics diagnostics, const CommandSources& sources,
                                  const config::SourceTexts& texts) {
    Diagnostics found = judged(std::move(diagnostics), sources.commands, texts);
    std::erase_if(found, [](const Diagnostic& one) { return one.severity == Severity::note; });
    tell(found, sources.commands, texts, output);
    if (config::is_acceptable(found, strictness_of(sources.commands))) return std::nullopt;
    return fail("the configuration has " + config::count_of(found) + (has_errors(found) ? "" : " (--strict)"), output);
}

}  // namespace

int configure_and_serve(std::unique_ptr<CommandSources> given, const server::StartContext& start,
                        const std::vector<std::string>& arguments) {
    const Output output = Output::heard_by(start.inherited.report_fd);
    ProcessState process;
    process.adopt_variables(given->file_variables);
    auto first = std::make_unique<LoadedGeneration>(1, std::move(given));
    const CommandSources& sources = first->sources();
    Preparation& preparation = first->preparation();
    Configuration& configuration = preparation.configuration();
    if (configuration.exit_requested) {
        if (!configuration.traceback.empty()) output.message(shown_text(configuration.traceback, sources.commands) + "\n");
        return *configuration.exit_requested;
    }
    // Settings of the file may ask for a check, as those of the command line do.
    if (preparation.settings().check_config || preparation.settings().print_config) {
        return run_check(sources, preparation, Output());
    }
    if (auto judged = judge_start(*first, process, start); !judged) return fail(judged.error().message, output);
    tell_traceback(configuration.traceback, sources.commands, configuration.texts, output);
    Diagnostics diagnostics = std::exchange(preparation.diagnostics(), {});
    if (auto refused = tell_and_judge(output, std::move(diagnostics), sources, configuration.texts)) {
        return *refused;
    }
    first->settings = preparation.settings();
    if (first->application().empty() && !first->settings.paste) return fail("No application module specified.", output);
    if (auto done = process.enter(first->settings, {}); !done) return fail(done.error().message, output);

    const auto daemon = go_to_background(first->settings, start);
    if (!daemon) return fail(daemon.error().message, output);
    const auto run = [&] {
        auto runtime = python::Runtime::create(first->view(), first->application(), nullptr);
        if (!runtime) return status_of(output, runtime.error());
        if (auto joined = first->join(**runtime); !joined) {
            first.reset();  // it knows the runtime
            return status_of(output, joined.error());
        }
        Generations generations(arguments, start, process);
        generations.begin(*first, **runtime);
        return serve(output, std::move(first), **runtime, generations, start, daemon->get());
    };
    const int status = run();
    if (*daemon) (*daemon)->ended(status);
    return status;
}

}  // namespace gunicorn::app
