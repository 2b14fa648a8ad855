#include "app/generations.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include <fmt/format.h>

#include "app/chosen_log.h"
#include "app/command_sources.h"
#include "app/development_files.h"
#include "app/findings.h"
#include "app/server_checks.h"
#include "config/access_exclusions.h"
#include "config/automatic_workers.h"
#include "config/cross_checks.h"
#include "config/report/config_diff.h"
#include "config/report/config_json.h"
#include "config/report/diagnostic_policy.h"
#include "config/report/python_literal.h"
#include "python/interpreter.h"
#include "server/arbiter/inherited_sockets.h"
#include "server/log/access_log.h"
#include "server/log/error_log.h"

namespace gunicorn::app {
namespace {

Result<std::unique_ptr<server::AccessLog>> open_access_log(const config::Settings& settings) {
    GN_TRY(server::AccessFormat format, server::AccessFormat::compile(settings.access_log_format));
    if (!settings.accesslog) return std::unique_ptr<server::AccessLog>();
    GN_TRY(server::AccessLog log, server::AccessLog::create(*settings.accesslog, std::move(format),
                                                            server::owner_of_logs(settings.user, settings.group)));
    log.exclude(config::AccessExclusions::of(settings.access_log_exclude));
    return std::make_unique<server::AccessLog>(std::move(log));
}

/// Everything that is wrong with it, as a check would write it; nothing when it is good enough.
std::optional<std::string> refusal(LoadedGeneration& loaded) {
    const Configuration& configuration = loaded.preparation().configuration();
    const config::Commands& commands = loaded.sources().commands;
    if (configuration.exit_requested) {
        return fmt::format("the configuration exits with code {}\n{}", *configuration.exit_requested,
                           shown_text(configuration.traceback, commands));
    }
    Diagnostics found = judged(std::move(loaded.preparation().diagnostics()), commands, configuration.texts);
    if (config::is_acceptable(found, strictness_of(commands))) return std::nullopt;
    std::erase_if(found, [](const Diagnostic& one) { return one.severity == Severity::note; });
    return fmt::format("the configuration has {}\n{}{}", config::count_of(found),
                       shown_text(configuration.traceback, commands),
                       config::format_diagnostics(found, configuration.texts, {.secrets = secrets_of(commands)}));
}

/// The running master cannot change it: what is preloaded stays what it is.
bool needs_restart(const config::Declaration& declaration, const config::Settings& running) {
    if (declaration.reload == config::ReloadEffect::restart) return true;
    return declaration.id == config::SettingId::wsgi_app && config::is_preloaded(running);
}

/// What a running master cannot change stays as it is. Hooks are no part of that: those that have been called already are
/// not called again.
void keep_what_needs_restart(LoadedGeneration& loaded, const LoadedGeneration& running) {
    config::Settings& settings = loaded.preparation().settings();
    for (const config::Declaration& declaration : config::declarations()) {
        if (!needs_restart(declaration, running.settings) || declaration.type == config::ValueType::hook) continue;
        if (config::is_about_one_run(declaration.name)) continue;
        const config::RawValue value = declaration.get(running.settings);
        if (declaration.get(settings) == value) continue;
        if (declaration.set(settings, value, loaded.preparation().context())) {
            settings.origins[static_cast<std::size_t>(declaration.id)] = running.settings.origin(declaration.id);
        }
    }
}

std::string shown(const std::optional<config::DiffSide>& side) {
    return fmt::format("{} ({})", config::python_literal(side->value), config::shown_origin(side->origin));
}

void tell_changes(const LoadedGeneration& loaded, const LoadedGeneration& running) {
    const config::ConfigDiff diff =
        config::diff_configs({"", running.dump()}, {"", loaded.dump()}, secrets_of(loaded.sources().commands));
    for (const config::Difference& one : diff.differences) {
        const config::Declaration& declaration = *config::find_setting(one.setting);
        const std::string text = fmt::format("{}: {} -> {}", one.setting, shown(one.left), shown(one.right));
        if (needs_restart(declaration, running.settings)) {
            loaded.log->warning("Changed, but needs a restart: " + text);
        } else {
            loaded.log->info("Changed: " + text);
        }
    }
    if (diff.is_same()) loaded.log->info("No setting has changed.");
}

/// Names of the modules that were given as configurations: "python:NAME".
std::vector<std::string> named_modules(const CommandSources& sources) {
    constexpr std::string_view kPrefix = "python:";
    std::vector<std::string> names;
    for (const config::CommandLine* given : {&sources.command_line, &sources.command_environment}) {
        for (const config::Assignment& file : given->config_files) {
            const auto* text = file.value.get_if<std::string>();
            if (text != nullptr && text->starts_with(kPrefix)) names.push_back(text->substr(kPrefix.size()));
        }
    }
    return names;
}

std::vector<std::pair<std::string, std::string>> variables_of_files(const CommandSources& sources) {
    std::vector<std::pair<std::string, std::string>> variables;
    for (const std::string& name : sources.file_variables) variables.emplace_back(name, sources.environment.at(name));
    return variables;
}

}  // namespace

LoadedGeneration::LoadedGeneration(std::uint32_t number_given, std::unique_ptr<CommandSources> sources)
    : sources_(std::move(sources)), preparation_(*sources_, config::HostFiles::asked, number_given) {
    number = number_given;
    modules_.read();
    dump_ =
        config::dump_config(preparation_.configuration().resolution, &preparation_.objects(), {}, config::Secrets::shown);
}

LoadedGeneration::~LoadedGeneration() {
    if (remains_.runtime != nullptr) remains_.runtime->drop_generation(number);
}

Result<void> LoadedGeneration::join(python::Runtime& runtime) {
    remains_.runtime = &runtime;
    runtime.set_settings(number, &settings);
    hooks = hooks::HookSet(settings, runtime);
    worker_class = config::effective_worker_class_name(settings);
    modules_.imported();  // its logger and worker class as well
    files = development_files(settings, preparation_.context().working_directory);
    GN_TRY(const std::string unsent, open_metrics());
    if (settings.status_bind) {
        changed_settings = config::changed_settings_json(config::dump_config(preparation_.configuration().resolution,
                                                                             &preparation_.objects(), {.changed_only = true},
                                                                             config::Secrets::hidden));
    }
    GN_CHECK(open_logs());
    if (!unsent.empty()) log->warning("statsd_host: no metrics are sent: " + unsent);
    const std::string automatic =
        config::explain_automatic_workers(preparation_.configuration().resolution, *preparation_.context().facts);
    if (!automatic.empty()) log->info("workers: " + automatic);
    return {};
}

Result<void> LoadedGeneration::open_logs() {
    const server::LogFormat format = settings.log_format == "json" ? server::LogFormat::json : server::LogFormat::text;
    GN_TRY(std::unique_ptr<gateway::LogSink> native,
           server::ErrorLog::create(settings.errorlog.value_or("/dev/null"), server::level_named(settings.loglevel),
                                    server::owner_of_logs(settings.user, settings.group), format));
    // A logger in Python counts its lines itself.
    if (statsd) native = std::make_unique<server::CountedLog>(std::move(native), *statsd);
    const python::LogChoice& choice = remains_.runtime->log_choice();
    log = std::make_unique<ChosenLog>(std::move(native), remains_.runtime->python_log_sink(), choice.is_native);
    if (!choice.is_native) return {};
    GN_TRY(access_log, open_access_log(settings));
    if (access_log) access_log->report_to(*log);
    return {};
}

/// A daemon that cannot be named costs the metrics, not the start.
Result<std::string> LoadedGeneration::open_metrics() {
    using server::MetricsOfRequests;
    if (!settings.statsd_host) return std::string();
    GN_TRY(const python::LoggerKind kind, remains_.runtime->logger_kind());
    if (kind == python::LoggerKind::other) {
        return std::string("this logger_class does not derive from gunicorn.instrument.statsd.Statsd");
    }
    const bool is_native = kind == python::LoggerKind::stock;
    auto opened = server::Statsd::open(settings, is_native ? MetricsOfRequests::native : MetricsOfRequests::by_logger);
    if (!opened) return opened.error().message;
    statsd = *std::move(opened);
    return std::string();
}

Result<void> judge_start(LoadedGeneration& loaded, ProcessState& process, const server::StartContext& start) {
    config::Settings& settings = loaded.preparation().settings();
    Diagnostics& found = loaded.preparation().diagnostics();
    for (Diagnostic& one : server::bind_systemd_sockets(settings, start.inherited)) found.push_back(std::move(one));
    for (Diagnostics more : {check_values(settings), check_host(settings, HostChecks::start)}) {
        std::move(more.begin(), more.end(), std::back_inserter(found));
    }
    GN_CHECK(process.extend_path(settings));
    for (Diagnostic& one : check_classes(settings)) found.push_back(std::move(one));
    return {};
}

Result<std::unique_ptr<server::Generation>> Generations::load(std::uint32_t number, const server::Generation& running_base) {
    const auto& running = static_cast<const LoadedGeneration&>(running_base);  // it came from here
    auto loaded = read(number);
    Result<void> done = loaded ? complete(**loaded, running) : Result<void>(Unexpected{loaded.error()});
    if (!done) {
        if (auto left = process_.leave(); !left) running.log->error(left.error().message);
        if (loaded) {
            (*loaded)->modules().imported();
            (*loaded)->modules().discard();
        }
        return Unexpected{std::move(done).error()};
    }
    entered_ = loaded->get();
    tell_changes(**loaded, running);
    return std::unique_ptr<server::Generation>(*std::move(loaded));
}

/// The configuration as it is now, read in the world in which the first one was read.
Result<std::unique_ptr<LoadedGeneration>> Generations::read(std::uint32_t number) {
    GN_CHECK(process_.leave());
    std::optional<std::vector<std::string>> only;
    // The application that was loaded before uses its modules: another copy of them would be a second application.
    if (config::is_preloaded(entered_->settings)) only = named_modules(entered_->sources());
    entered_->modules().forget(only);
    auto sources = std::make_unique<CommandSources>();
    if (read_command_sources(arguments_, *sources)) {
        return failure(ErrorKind::invalid_argument, "the command line cannot be read again; standard error says why");
    }
    process_.adopt_variables(sources->file_variables);
    return std::make_unique<LoadedGeneration>(number, std::move(sources));
}

Result<void> Generations::complete(LoadedGeneration& loaded, const LoadedGeneration& running) {
    if (!loaded.preparation().configuration().exit_requested) GN_CHECK(judge_start(loaded, process_, start_));
    if (auto reason = refusal(loaded)) return failure(ErrorKind::invalid_argument, *std::move(reason));
    if (loaded.application().empty() && !loaded.preparation().settings().paste) {
        return failure(ErrorKind::invalid_argument, "No application module specified.");
    }
    keep_what_needs_restart(loaded, running);
    loaded.settings = loaded.preparation().settings();
    GN_CHECK(process_.enter(loaded.settings, variables_of_files(loaded.sources())));
    loaded.remains_.runtime = runtime_;
    GN_CHECK(runtime_->add_generation(loaded.view(), loaded.application()));
    GN_CHECK(runtime_->enter_generation(loaded.number));
    return loaded.join(*runtime_);
}

Result<void> Generations::enter(const server::Generation& generation_base) {
    const auto& generation = static_cast<const LoadedGeneration&>(generation_base);  // it came from here
    const Result<void> left = process_.leave();
    if (entered_ != &generation) entered_->modules().discard();
    generation.modules().put_back();
    entered_ = &generation;
    const Result<void> entered = process_.enter(generation.settings, variables_of_files(generation.sources()));
    const Result<void> seen = runtime_->enter_generation(generation.number);
    if (!left) return left;
    return entered ? seen : entered;
}

void (*Generations::interrupter())() {
    python::expect_interrupts();
    return &python::interrupt;
}

void Generations::forget_interrupts() { python::forget_interrupts(); }

}  // namespace gunicorn::app
