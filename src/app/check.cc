#include "python/runtime.h"

#include "app/check.h"

#include <chrono>
#include <utility>

#include "app/findings.h"
#include "app/preparation.h"
#include "app/server_checks.h"
#include "app/success_page.h"
#include "config/diagnostic_policy.h"
#include "config/shown_config.h"

namespace gunicorn::app {
namespace {

class Check {
public:
    Check(const CommandSources& sources, const Output& output)
        : sources_(sources), commands_(sources.commands), output_(output), preparation_(sources, host_files()) {}

    int run() {
        if (!preparation_.configuration().exit_requested) look_further();
        const Diagnostics found = judged(std::move(preparation_.diagnostics()), commands_, preparation_.configuration().texts);
        const bool is_valid =
            config::is_acceptable(found, commands_.strict ? config::Strictness::strict : config::Strictness::normal);
        report(found, is_valid);
        return is_valid ? 0 : 1;
    }

private:
    config::HostFiles host_files() const {
        return commands_.check_level == config::CheckLevel::offline ? config::HostFiles::not_asked : config::HostFiles::asked;
    }

    void add(Diagnostics more) {
        for (Diagnostic& one : more) preparation_.diagnostics().push_back(std::move(one));
    }

    void look_further() {
        add(check_values(preparation_.settings()));
        if (commands_.check_level != config::CheckLevel::offline) add(check_host(preparation_.settings(), HostChecks::all));
        if (has_errors(preparation_.diagnostics())) return;
        // Gunicorn prints before it loads the application, too.
        if (preparation_.settings().print_config) print();
        if (commands_.check_level == config::CheckLevel::full) check_application();
    }

    void check_application() {
        const std::string uri = preparation_.application_uri();
        if (uri.empty() && !preparation_.settings().paste) {
            return add({{DiagId::no_application, {}, {}, "No application module specified.", Severity::error,
                         "name it on the command line or as wsgi_app: gunicorn module:name"}});
        }
        if (auto done = preparation_.set_up_process(); !done) {
            return add({{DiagId::application_failed, {}, {}, done.error().message}});
        }
        const python::GenerationView view{&preparation_.settings(), &preparation_.objects(), &preparation_.context()};
        auto runtime = python::Runtime::create(view, uri, nullptr);
        const auto loaded = runtime ? (*runtime)->preload_application() : Result<void>(Unexpected{runtime.error()});
        if (!loaded) {
            traceback_ = loaded.error().message;
            add({{DiagId::application_failed, {}, {}, "the application cannot be loaded"}});
        }
    }

    void print() {
        output_.report(config::show_config(preparation_.configuration().resolution, &preparation_.objects(), commands_.shown_form,
                                           commands_.selection, secrets_of(commands_)));
    }

    void report(const Diagnostics& found, bool is_valid) {
        const config::ReportFormat format = report_format(commands_, sources_.environment);
        const config::SourceTexts& texts = preparation_.configuration().texts;
        if (format != config::ReportFormat::text) {
            output_.report(config::format_diagnostics(found, texts, {.format = format, .secrets = secrets_of(commands_)}));
            return;
        }
        for (const std::string& traceback : {preparation_.configuration().traceback, traceback_}) {
            if (!traceback.empty()) output_.message(traceback + "\n\n");
        }
        tell(found, commands_, texts, output_);
        const std::string count = config::count_of(found);
        if (is_valid && preparation_.settings().check_config) {
            const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start_;
            const std::string page = success_page(preparation_, {commands_.check_level, took, count});
            preparation_.settings().print_config ? output_.message(page) : output_.report(page);
        } else if (!is_valid) {
            output_.message("\nError: the configuration has " + count + (has_errors(found) ? "\n" : " (--strict)\n"));
        }
    }

    const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    const CommandSources& sources_;
    const config::Commands& commands_;
    const Output& output_;
    Preparation preparation_;
    std::string traceback_;
};

}  // namespace

int run_check(const CommandSources& sources, const Output& output) { return Check(sources, output).run(); }

}  // namespace gunicorn::app
