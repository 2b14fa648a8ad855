#include "app/check.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "app/findings.h"
#include "app/preparation.h"
#include "app/process_state.h"
#include "app/server_checks.h"
#include "app/success_page.h"
#include "app/watchdog.h"
#include "base/sys.h"
#include "config/cross_checks.h"
#include "config/report/diagnostic_policy.h"
#include "config/report/shown_config.h"
#include "python/application_check.h"
#include "python/runtime.h"
#include "server/arbiter/inherited_sockets.h"
#include "server/worker/engine_options.h"
#include "server/worker/privileges.h"

namespace gunicorn::app {
namespace {

class Check {
public:
    Check(const CommandSources& sources, Preparation& preparation, const Output& output)
        : sources_(sources), commands_(sources.commands), output_(output), preparation_(preparation) {}

    int run() {
        if (!preparation_.configuration().exit_requested) look_further();
        Diagnostics found = judged(std::move(preparation_.diagnostics()), commands_, preparation_.configuration().texts);
        const bool is_valid = config::is_acceptable(found, strictness_of(commands_));
        // A reload tells no notes, as a start tells none.
        if (sources_.reload_check) {
            std::erase_if(found, [](const Diagnostic& one) { return one.severity == Severity::note; });
        }
        report(found, is_valid);
        return is_valid ? 0 : 1;
    }

private:
    void add(Diagnostics more) {
        for (Diagnostic& one : more) preparation_.diagnostics().push_back(std::move(one));
    }

    void look_further() {
        if (const auto& reload = sources_.reload_check) {
            add(server::bind_systemd_sockets(preparation_.settings(), reload->inherited()));
        }
        add(check_values(preparation_.settings()));
        // Gunicorn prints before anything is tried, too. What is not supported yet was understood all the same.
        if (preparation_.settings().print_config && !has_errors_but_missing_features()) print();
        const bool is_checked = preparation_.settings().check_config;
        if (is_checked && commands_.check_level != config::CheckLevel::offline) {
            add(check_host(preparation_.settings(), HostChecks::all, running_master()));
        }
        die_with_parent_again();
        if (auto done = process_.extend_path(preparation_.settings()); !done)
            add({{DiagId::application_failed, {}, {}, done.error().message}});
        add(check_classes(preparation_.settings()));
        if (commands_.check_level != config::CheckLevel::offline && !has_errors(preparation_.diagnostics())) check_log_config();
        if (commands_.check_level == config::CheckLevel::full && !has_errors(preparation_.diagnostics()))
            check_application();
    }

    [[nodiscard]] pid_t running_master() const { return sources_.reload_check ? sources_.reload_check->master : 0; }

    bool has_errors_but_missing_features() {
        return std::ranges::any_of(preparation_.diagnostics(), [](const Diagnostic& one) {
            return one.severity == Severity::error && one.id != DiagId::not_supported_yet;
        });
    }

    /// Handlers and formatters may be the project's own classes, so they are made where a start would make them.
    void check_log_config() {
        const config::Settings& settings = preparation_.settings();
        const auto is_given = [](const std::optional<std::string>& path) { return path && !path->empty(); };
        const bool has_dictionary = settings.logconfig_dict != config::RawValue(config::Dict{});
        if (!has_dictionary && !is_given(settings.logconfig_json) && !is_given(settings.logconfig)) return;
        if (auto done = process_.enter(settings, {}); !done) {
            return add({{DiagId::application_failed, {}, {}, done.error().message}});
        }
        const python::GenerationView view{1, &settings, &preparation_.objects(), &preparation_.context()};
        auto runtime = python::Runtime::create_for_check(view, preparation_.application().uri);
        if (!runtime) return add({{DiagId::application_failed, {}, {}, runtime.error().message}});
        add((*runtime)->check_log_config());
    }

    void check_application() {
        const std::string uri = preparation_.application().uri;
        if (uri.empty() && !preparation_.settings().paste) {
            return add({{DiagId::no_application,
                         {},
                         {},
                         "No application module specified.",
                         Severity::error,
                         "name it on the command line or as wsgi_app: gunicorn module:name"}});
        }
        if (auto done = process_.enter(preparation_.settings(), {}); !done) {
            return add({{DiagId::application_failed, {}, {}, done.error().message}});
        }
        const python::GenerationView view{1, &preparation_.settings(), &preparation_.objects(), &preparation_.context()};
        auto runtime = python::Runtime::create_for_check(view, uri);
        if (!runtime) return add({{DiagId::application_failed, {}, {}, runtime.error().message}});
        if (!make_tls_context(**runtime)) return;
        if (auto done = become_worker(); !done) return add({{DiagId::cannot_switch_user, {}, {}, done.error().message}});
        python::ApplicationReport report = python::check_application(**runtime, preparation_.application());
        traceback_ = std::move(report.traceback);
        application_ = python::summary(report);
        add(std::move(report.diagnostics));
    }

    /// Calls the hook ssl_context where a worker would, before it becomes another user.
    bool make_tls_context(python::Runtime& runtime) {
        const config::Settings& settings = preparation_.settings();
        if (!server::has_tls_by_hook(settings)) return true;
        const auto made = runtime.make_tls_channels();
        if (made) return true;
        const Error& error = made.error();
        const bool exits = error.kind == ErrorKind::system_exit;
        // The last line of a traceback says what was raised.
        const std::string reason =
            exits ? "it exits with code " + std::to_string(error.code) : error.message.substr(error.message.rfind('\n') + 1);
        add({{DiagId::no_tls_context, "ssl_context", settings.origin(config::SettingId::ssl_context),
              "makes no TLS context: " + reason}});
        if (!exits) traceback_ = error.message;
        return false;
    }

    /// The application is imported as the user whose workers will import it.
    Result<void> become_worker() {
        const config::Settings& settings = preparation_.settings();
        if (config::is_preloaded(settings) || ::geteuid() != 0) return {};
        GN_CHECK(server::drop_privileges({settings.user, settings.group, settings.initgroups}));
        die_with_parent_again();
        return {};
    }

    /// Changes of the user id, also those of the file system's, take the wish back.
    void die_with_parent_again() const {
        if (sources_.process != ::getpid()) die_with_parent(sources_.process);
    }

    void print() {
        output_.report(config::show_config(preparation_.configuration().resolution, &preparation_.objects(),
                                           commands_.shown_form, commands_.selection, secrets_of(commands_)));
    }

    /// Lines of the application's files, which nobody has read as text yet.
    void add_application_texts(const Diagnostics& found) {
        for (const Diagnostic& one : found) {
            if (one.origin.kind != SourceKind::application) continue;
            const std::string folder =
                one.origin.name.starts_with('/') ? "" : preparation_.context().working_directory + "/";
            if (auto text = sys::read_file(folder + one.origin.name)) {
                preparation_.configuration().texts.add(one.origin.name, *std::move(text));
            }
        }
    }

    void report(const Diagnostics& found, bool is_valid) {
        const config::ReportFormat format = report_format(commands_, sources_.environment);
        add_application_texts(found);
        const config::SourceTexts& texts = preparation_.configuration().texts;
        if (format != config::ReportFormat::text) {
            output_.report(config::format_diagnostics(
                found, texts, {.format = format, .secrets = secrets_of(commands_), .strictness = strictness_of(commands_)}));
            return;
        }
        for (const std::string& traceback : {preparation_.configuration().traceback, traceback_}) {
            tell_traceback(traceback, commands_, texts, output_);
        }
        tell(found, commands_, texts, output_);
        const std::string count = config::count_of(found);
        if (is_valid && preparation_.settings().check_config) {
            const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start_;
            const std::string page = success_page(preparation_, {commands_.check_level, took, count, application_});
            preparation_.settings().print_config ? output_.message(page) : output_.report(page);
        } else if (!is_valid) {
            output_.message("\nError: the configuration has " + count + (has_errors(found) ? "\n" : " (--strict)\n"));
        }
    }

    const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    const CommandSources& sources_;
    const config::Commands& commands_;
    const Output& output_;
    Preparation& preparation_;
    ProcessState process_;
    std::string traceback_;
    std::string application_;
};

}  // namespace

int run_check(const CommandSources& sources, const Output& output) {
    const bool is_offline = sources.commands.check_level == config::CheckLevel::offline;
    Preparation preparation(sources, is_offline ? config::HostFiles::not_asked : config::HostFiles::asked);
    return run_check(sources, preparation, output);
}

int run_check(const CommandSources& sources, Preparation& preparation, const Output& output) {
    return Check(sources, preparation, output).run();
}

}  // namespace gunicorn::app
