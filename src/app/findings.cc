#include "app/findings.h"

#include <utility>

#include "base/sys.h"
#include "config/report/diagnostic_policy.h"
#include "config/report/secret_lines.h"
#include "config/report/secrets.h"

namespace gunicorn::app {

Diagnostics judged(Diagnostics diagnostics, const config::Commands& commands, const config::SourceTexts& texts) {
    return config::in_reading_order(config::apply_policy(std::move(diagnostics), commands.warning_rules, texts));
}

void tell(const Diagnostics& diagnostics, const config::Commands& commands, const config::SourceTexts& texts,
          const Output& output) {
    const config::ReportStyle style{.colour = output.may_colour_messages() ? config::Colour::yes : config::Colour::no,
                                    .secrets = secrets_of(commands)};
    output.message(config::format_diagnostics(diagnostics, texts, style));
}

std::string shown_text(const std::string& text, const config::Commands& commands) {
    return secrets_of(commands) == config::Secrets::shown ? text : config::redact_text(text);
}

void tell_traceback(const std::string& traceback, const config::Commands& commands, const config::SourceTexts& texts, const Output& output) {
    if (traceback.empty()) return;
    const auto text_of = [&](const std::string& file) {
        const std::string_view known = texts.text(file);
        if (!known.empty() || !sys::is_file(file)) return std::string(known);
        auto text = sys::read_file(file);
        return text ? *std::move(text) : std::string();
    };
    const bool is_secret = secrets_of(commands) == config::Secrets::hidden;
    output.message((is_secret ? config::redact_traceback(traceback, text_of) : traceback) + "\n\n");
}

config::ReportFormat report_format(const config::Commands& commands, const config::Environment& environment) {
    if (commands.report_format) return *commands.report_format;
    const auto actions = environment.find("GITHUB_ACTIONS");
    const bool is_github = actions != environment.end() && actions->second == "true";
    return is_github ? config::ReportFormat::github : config::ReportFormat::text;
}

}  // namespace gunicorn::app
