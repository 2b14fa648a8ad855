#include "app/unfinished_check.h"

#include <string.h>

#include <optional>

#include "app/findings.h"
#include "base/sys.h"
#include "base/text.h"

namespace gunicorn::app {
namespace {

/// One line of faulthandler: `  File "conf.py", line 3 in <module>`.
struct Frame {
    std::string file;
    int line = 0;
    std::string function;
};

std::optional<Frame> parse_frame(std::string_view written) {
    constexpr std::string_view kStart = "  File \"";
    constexpr std::string_view kMiddle = "\", line ";
    const std::size_t middle = written.rfind(kMiddle);
    if (!written.starts_with(kStart) || middle == std::string_view::npos) return std::nullopt;
    const std::string_view rest = written.substr(middle + kMiddle.size());
    const std::size_t in = rest.find(" in ");
    const auto number = text::parse_decimal(rest.substr(0, in));
    if (!number || in == std::string_view::npos) return std::nullopt;
    return Frame{std::string(written.substr(kStart.size(), middle - kStart.size())), static_cast<int>(*number),
                 std::string(rest.substr(in + 4))};
}

/// Code that the user did not write says nothing about where their code hangs.
bool is_library(const std::string& file) {
    return file.starts_with("<") || file.find("/lib/python3") != std::string::npos ||
           file.find("/site-packages/") != std::string::npos || file.find("/dist-packages/") != std::string::npos ||
           file.find("/gunicorn/_checks/") != std::string::npos;
}

/// The innermost frame of the user's code, else the innermost one.
std::optional<Frame> frame_that_hangs(std::string_view stack) {
    std::optional<Frame> innermost;
    for (const std::string_view line : text::split(stack, '\n')) {
        std::optional<Frame> frame = parse_frame(line);
        if (!frame) continue;
        if (!is_library(frame->file)) return frame;
        if (!innermost) innermost = std::move(frame);
    }
    return innermost;
}

Diagnostic unfinished(const Watched& watched, const CommandSources& sources) {
    if (!watched.timed_out && watched.signal == 0) {
        return {
            DiagId::check_died,
            {},
            {},
            "something ended the process with status " + std::to_string(watched.status) + " before the check was through"};
    }
    if (!watched.timed_out) {
        const char* name = ::sigdescr_np(watched.signal);
        return {DiagId::check_died,
                {},
                {},
                "the check was ended by signal " + std::to_string(watched.signal) + " (" +
                    (name == nullptr ? "unknown" : name) + ")"};
    }
    Diagnostic diagnostic{
        DiagId::timed_out, {}, {}, "the check did not end within " + std::to_string(sources.commands.check_timeout) + " s"};
    diagnostic.help = "--check-timeout=SECONDS allows more, 0 any time";
    if (const auto frame = frame_that_hangs(watched.stack)) {
        diagnostic.origin = {.kind = SourceKind::config_file, .name = frame->file, .line = frame->line};
        diagnostic.message += "; it hangs here";
        if (frame->function != "<module>") diagnostic.message += ", in " + frame->function + "()";
    }
    return diagnostic;
}

}  // namespace

void report_unfinished(const Watched& watched, const CommandSources& sources) {
    const Output output;
    const Diagnostics found{unfinished(watched, sources)};
    config::SourceTexts texts = sources.texts;
    if (auto text = sys::read_file(found.front().origin.name)) texts.add(found.front().origin.name, *std::move(text));
    const config::ReportFormat format = report_format(sources.commands, sources.environment);
    if (format == config::ReportFormat::text) {
        tell(found, sources.commands, texts, output);
    } else {
        output.report(config::format_diagnostics(found, texts, {.format = format}));
    }
}

}  // namespace gunicorn::app
