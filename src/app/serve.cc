#include "python/runtime.h"

#include "app/serve.h"

#include <unistd.h>

#include <cstdio>
#include <memory>
#include <utility>

#include "app/server_checks.h"
#include "base/sys.h"
#include "base/text.h"
#include "config/cross_checks.h"
#include "config/diagnostic_report.h"
#include "config/report.h"
#include "config/system_accounts.h"
#include "python/application_check.h"
#include "python/process_setup.h"
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

/// Prints what was found, and the traceback that belongs to it. True: there are errors.
bool report(const Diagnostics& diagnostics, const std::string& traceback) {
    if (!traceback.empty()) std::fprintf(stderr, "%s\n\n", traceback.c_str());
    const std::string text = config::format_diagnostics(config::in_reading_order(diagnostics), {}, {});
    std::fputs(text.c_str(), stderr);
    if (!has_errors(diagnostics)) return false;
    std::size_t count = 0;
    for (const Diagnostic& one : diagnostics) count += one.severity == Severity::error ? 1 : 0;
    std::fprintf(stderr, "\nError: the configuration has %zu error%s\n", count, count == 1 ? "" : "s");
    return true;
}

/// The application of the command line, else that of wsgi_app, else that of a paste file, whose uri is empty.
python::NamedApplication application_named_in(const CommandSources& sources, const config::Settings& settings) {
    if (!sources.command_line.positionals.empty()) {
        return {.uri = sources.command_line.positionals.front(), .origin = {.kind = SourceKind::command_line}};
    }
    if (settings.wsgi_app) return {.uri = *settings.wsgi_app, .origin = settings.origin(config::SettingId::wsgi_app)};
    return {.uri = {}, .origin = settings.origin(config::SettingId::paste)};
}

/// Gunicorn: the name of processes is that of the application unless somebody says otherwise.
void name_after_application(config::Settings& settings, const std::string& uri) {
    if (settings.origin(config::SettingId::default_proc_name).kind == SourceKind::defaults && !uri.empty()) {
        settings.default_proc_name = uri;
    }
}

/// What the settings say about this process, in the order of Gunicorn's start: chdir, pythonpath, raw_env.
Result<void> set_up_process(const config::Settings& settings) {
    if (::chdir(settings.chdir.c_str()) != 0) return Unexpected{sys::system_error("can't chdir to '" + settings.chdir + "'")};
    GN_CHECK(python::prepend_to_path(settings.chdir));
    if (settings.pythonpath) {
        for (const std::string_view folder : text::split(*settings.pythonpath, ',')) {
            const std::string trimmed(text::trim(folder));
            if (trimmed.empty()) continue;
            GN_CHECK(python::prepend_to_path(trimmed.starts_with('/') ? trimmed : sys::working_directory() + "/" + trimmed));
        }
    }
    for (const std::string& entry : settings.raw_env) {
        const auto equals = entry.find('=');
        GN_CHECK(python::set_environment(entry.substr(0, equals), entry.substr(equals + 1)));
    }
    return {};
}

Result<std::unique_ptr<server::AccessLog>> open_access_log(const config::Settings& settings) {
    GN_TRY(server::AccessFormat format, server::AccessFormat::compile(settings.access_log_format));
    if (!settings.accesslog) return std::unique_ptr<server::AccessLog>();
    GN_TRY(server::AccessLog log, server::AccessLog::create(*settings.accesslog, std::move(format)));
    return std::make_unique<server::AccessLog>(std::move(log));
}

int check(const config::Settings& settings, python::Runtime& runtime, const python::ObjectTable& objects,
          const python::NamedApplication& named) {
    if (settings.print_config) {
        std::fputs(config::print_config(settings, &objects).c_str(), stdout);
        std::fflush(stdout);
    }
    const python::ApplicationReport application = python::check_application(runtime, named);
    if (report(application.diagnostics, application.traceback)) return 1;
    std::fprintf(stderr, "gunicorn: the configuration is valid and the application loads\n  %s\n",
                 python::summary(application).c_str());
    return 0;
}

int serve(const config::Settings& settings, python::Runtime& runtime) {
    auto python_log = runtime.python_log_sink();
    if (!python_log) return status_of(python_log.error());
    std::unique_ptr<gateway::LogSink> log = *std::move(python_log);
    std::unique_ptr<server::AccessLog> access_log;  // a logger class of the user writes its access lines itself
    if (!log) {
        auto native = server::ErrorLog::create(settings.errorlog.value_or("/dev/null"), server::level_named(settings.loglevel));
        if (!native) return fail(native.error().message);
        log = *std::move(native);
        auto opened = open_access_log(settings);
        if (!opened) return fail(opened.error().message);
        access_log = *std::move(opened);
    }

    if (settings.preload_app) {
        if (auto loaded = runtime.preload_application(); !loaded) return status_of(loaded.error());
    }
    const std::unique_ptr<gateway::InterpreterLock> lock = runtime.make_lock();
    server::Generation generation{.number = 1,
                                  .settings = settings,
                                  .hooks = hooks::HookSet(settings, runtime),
                                  .listeners = {},
                                  .environment = settings.raw_env};
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

}  // namespace

int configure_and_serve(const Launch&, const CommandSources& sources) {
    const std::string start_directory = sys::working_directory();
    if (auto prepared = python::prepend_to_path(start_directory); !prepared) return status_of(prepared.error());
    if (auto prepared = python::announce_server(); !prepared) return status_of(prepared.error());

    const config::SystemAccounts accounts;
    python::ObjectTable objects(1);
    const config::ValidationContext context{.environment = &sources.environment,
                                            .accounts = &accounts,
                                            .objects = &objects,
                                            .working_directory = start_directory,
                                            .effective_user = ::geteuid(),
                                            .effective_group = ::getegid()};
    Configuration configuration = load_configuration(sources, context, objects);
    config::Settings& settings = configuration.settings;
    const bool is_check = settings.check_config || settings.print_config;
    if (configuration.exit_requested && !is_check) {
        if (!configuration.traceback.empty()) std::fprintf(stderr, "%s\n", configuration.traceback.c_str());
        return *configuration.exit_requested;
    }
    for (Diagnostic& found : check_for_server(settings)) configuration.diagnostics.push_back(std::move(found));
    if (report(configuration.diagnostics, configuration.traceback)) return 1;

    python::NamedApplication named = application_named_in(sources, settings);
    named.start_directory = start_directory;
    if (named.uri.empty() && !settings.paste) return fail("No application module specified.");
    name_after_application(settings, named.uri);
    if (auto done = set_up_process(settings); !done) return fail(done.error().message);

    const python::GenerationView view{&settings, &objects, &context};
    auto runtime = python::Runtime::create(view, named.uri, nullptr);
    if (!runtime) return status_of(runtime.error());
    if (is_check) return check(settings, **runtime, objects, named);
    return serve(settings, **runtime);
}

}  // namespace gunicorn::app
