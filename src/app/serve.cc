#include "app/serve.h"

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include "app/check.h"
#include "app/development_files.h"
#include "app/findings.h"
#include "app/preparation.h"
#include "app/server_checks.h"
#include "config/cross_checks.h"
#include "config/report/diagnostic_policy.h"
#include "python/runtime.h"
#include "server/arbiter/arbiter.h"
#include "server/log/access_log.h"
#include "server/log/error_log.h"

namespace gunicorn::app {
namespace {

int fail(const std::string& message) {
    std::fprintf(stderr, "\nError: %s\n", message.c_str());
    return 1;
}

int status_of(const Error& error) {
    if (error.kind != ErrorKind::system_exit) return fail(error.message);
    if (!error.message.empty()) std::fprintf(stderr, "%s\n", error.message.c_str());
    return error.code;
}

Result<std::unique_ptr<server::AccessLog>> open_access_log(const config::Settings& settings) {
    GN_TRY(server::AccessFormat format, server::AccessFormat::compile(settings.access_log_format));
    if (!settings.accesslog) return std::unique_ptr<server::AccessLog>();
    GN_TRY(server::AccessLog log, server::AccessLog::create(*settings.accesslog, std::move(format)));
    return std::make_unique<server::AccessLog>(std::move(log));
}

int serve(const config::Settings& settings, server::DevelopmentFiles files, python::Runtime& runtime) {
    auto python_log = runtime.python_log_sink();
    if (!python_log) return status_of(python_log.error());
    std::unique_ptr<gateway::LogSink> log = *std::move(python_log);
    std::unique_ptr<server::AccessLog> access_log;  // a logger class of the user writes its access lines itself
    if (!log) {
        auto native =
            server::ErrorLog::create(settings.errorlog.value_or("/dev/null"), server::level_named(settings.loglevel));
        if (!native) return fail(native.error().message);
        log = *std::move(native);
        auto opened = open_access_log(settings);
        if (!opened) return fail(opened.error().message);
        access_log = *std::move(opened);
    }

    if (config::is_preloaded(settings)) {
        if (auto loaded = runtime.preload_application(); !loaded) return status_of(loaded.error());
    }
    const std::unique_ptr<gateway::InterpreterLock> lock = runtime.make_lock();
    server::Generation generation{.number = 1,
                                  .settings = settings,
                                  .hooks = hooks::HookSet(settings, runtime),
                                  .listeners = {},
                                  .environment = settings.raw_env,
                                  .files = std::move(files)};
    runtime.set_settings(&generation.settings);
    server::ArbiterServices services;
    services.fork_observer = &runtime;
    services.runtime = &runtime;
    services.invoker = &runtime;
    services.lock = lock.get();
    services.log = log.get();
    services.access_log = access_log.get();
    services.worker_class = config::effective_worker_class_name(settings);
    server::Arbiter arbiter(generation, services);
    runtime.set_master(&arbiter);
    const int status = arbiter.run();
    runtime.set_master(nullptr);
    return status;
}

/// Notes are for checks; what is left is told. A status when the server must not start.
std::optional<int> tell_and_judge(Diagnostics diagnostics, const CommandSources& sources, const config::SourceTexts& texts) {
    Diagnostics found = judged(std::move(diagnostics), sources.commands, texts);
    std::erase_if(found, [](const Diagnostic& one) { return one.severity == Severity::note; });
    tell(found, sources.commands, texts, Output());
    if (config::is_acceptable(found, strictness_of(sources.commands))) return std::nullopt;
    return fail("the configuration has " + config::count_of(found) + (has_errors(found) ? "" : " (--strict)"));
}

}  // namespace

int configure_and_serve(const CommandSources& sources) {
    Preparation preparation(sources, config::HostFiles::asked);
    Configuration& configuration = preparation.configuration();
    if (configuration.exit_requested) {
        if (!configuration.traceback.empty())
            std::fprintf(stderr, "%s\n", shown_text(configuration.traceback, sources.commands).c_str());
        return *configuration.exit_requested;
    }
    config::Settings& settings = preparation.settings();
    // Settings of the file may ask for a check, as those of the command line do.
    if (settings.check_config || settings.print_config) return run_check(sources, preparation, Output());
    Diagnostics& found = preparation.diagnostics();
    for (Diagnostics more : {check_values(settings), check_host(settings, HostChecks::start)}) {
        std::move(more.begin(), more.end(), std::back_inserter(found));
    }
    if (auto done = preparation.extend_path(); !done) return fail(done.error().message);
    for (Diagnostic& one : check_classes(settings)) found.push_back(std::move(one));
    tell_traceback(configuration.traceback, sources.commands, configuration.texts, Output());
    if (auto refused = tell_and_judge(std::exchange(found, {}), sources, configuration.texts)) return *refused;

    const std::string uri = preparation.application().uri;
    if (uri.empty() && !settings.paste) return fail("No application module specified.");
    if (auto done = preparation.set_up_process(); !done) return fail(done.error().message);

    const python::GenerationView view{&settings, &preparation.objects(), &preparation.context()};
    auto runtime = python::Runtime::create(view, uri, nullptr);
    if (!runtime) return status_of(runtime.error());
    return serve(settings, development_files(settings, preparation.context().working_directory), **runtime);
}

}  // namespace gunicorn::app
