#include "app/show.h"

#include "app/findings.h"
#include "app/preparation.h"
#include "base/sys.h"
#include "config/report/config_json.h"
#include "config/report/explain_setting.h"

namespace gunicorn::app {
namespace {

/// Resolves and tells which errors were found; nothing is asked of this host but what values need.
void tell_findings(Preparation& preparation, const CommandSources& sources, const Output& output) {
    const Configuration& configuration = preparation.configuration();
    tell_traceback(configuration.traceback, sources.commands, configuration.texts, output);
    Diagnostics found = judged(preparation.diagnostics(), sources.commands, configuration.texts);
    std::erase_if(found, [](const Diagnostic& one) { return one.severity != Severity::error; });
    tell(found, sources.commands, configuration.texts, output);
}

}  // namespace

int explain_setting(const CommandSources& sources, const Output& output) {
    Preparation preparation(sources, config::HostFiles::not_asked);
    const auto page = config::explain_setting(sources.commands.explain_setting, &preparation.configuration().resolution,
                                              &preparation.objects(), secrets_of(sources.commands));
    if (!page) {
        output.message("\nError: " + page.error() + "\n");
        return 1;
    }
    tell_findings(preparation, sources, output);
    output.report(*page);
    return 0;
}

int write_dump(const CommandSources& sources, int fd, const Output& output) {
    Preparation preparation(sources, config::HostFiles::not_asked);
    tell_findings(preparation, sources, output);
    if (has_errors(preparation.diagnostics())) return 2;
    const config::Selection all;
    const std::string document = config::config_json(
        config::dump_config(preparation.configuration().resolution, &preparation.objects(), all, config::Secrets::shown),
        all);
    if (auto written = sys::write_all(fd, document); !written) {
        output.message("\nError: " + written.error().message + "\n");
        return 2;
    }
    return 0;
}

}  // namespace gunicorn::app
