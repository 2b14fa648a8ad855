#include "app/compare.h"

#include <sys/mman.h>
#include <unistd.h>

#include "app/findings.h"
#include "app/show.h"
#include "base/sys.h"
#include "base/text.h"
#include "base/unique_fd.h"
#include "config/report/config_diff.h"
#include "config/report/config_json.h"

namespace gunicorn::app {
namespace {

/// The configuration of `sources`, resolved in a process of its own; that process says what is wrong.
Result<config::ConfigDump> resolve_apart(const CommandSources& sources, const RunWithPython& run) {
    const UniqueFd file(::memfd_create("configuration", MFD_CLOEXEC));
    if (!file) return Unexpected{sys::system_error("memfd_create")};
    const int status = run(sources, [&](const Output& output) { return write_dump(sources, file.get(), output); });
    if (status != 0) return failure(ErrorKind::invalid_argument, "");
    GN_TRY(const std::string text, sys::read_file("/proc/self/fd/" + std::to_string(file.get())));
    auto dump = config::parse_config_json(text);
    if (!dump) return failure(ErrorKind::invalid_argument, dump.error());
    return *std::move(dump);
}

Result<config::ConfigDump> read_other(const CommandSources& sources, const RunWithPython& run) {
    const std::string& other = sources.commands.diff_config;
    const auto text = other.starts_with("python:") ? Result<std::string>(std::string()) : sys::read_file(other);
    if (!text && !sys::is_directory(other)) return Unexpected{text.error()};
    if (text && text::trim(*text).starts_with('{')) {
        auto dump = config::parse_config_json(*text);
        if (!dump) return failure(ErrorKind::invalid_argument, other + ": " + dump.error());
        return *std::move(dump);
    }
    CommandSources changed = sources;
    const Origin origin{.kind = SourceKind::command_line};
    changed.command_line.config_files = {{"config", other, origin}};
    return resolve_apart(changed, run);
}

/// How the left side is called: as its file was named.
std::string name_of(const CommandSources& sources) {
    for (const config::CommandLine* given : {&sources.command_line, &sources.command_environment}) {
        if (given->config_files.empty()) continue;
        const auto* name = given->config_files.back().value.get_if<std::string>();
        return name == nullptr ? std::string() : *name;
    }
    return sys::is_file("./gunicorn.conf.py") ? "gunicorn.conf.py" : "this command line";
}

}  // namespace

int compare_configurations(const CommandSources& sources, const RunWithPython& run) {
    const Output output;
    const auto fail = [&](const Error& error) {
        if (!error.message.empty()) output.message("\nError: " + error.message + "\n");
        return 2;
    };
    auto left = resolve_apart(sources, run);
    if (!left) return fail(left.error());
    auto right = read_other(sources, run);
    if (!right) return fail(right.error());
    const config::ConfigDiff diff =
        config::diff_configs({name_of(sources), *std::move(left)}, {sources.commands.diff_config, *std::move(right)},
                             secrets_of(sources.commands));
    const bool is_json = report_format(sources.commands, sources.environment) == config::ReportFormat::json;
    output.report(is_json ? config::diff_json(diff) : config::diff_text(diff));
    return diff.is_same() ? 0 : 1;
}

}  // namespace gunicorn::app
