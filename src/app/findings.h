#pragma once

#include <string>

#include "app/configuration.h"
#include "app/output.h"
#include "base/diagnostic.h"

namespace gunicorn::app {

[[nodiscard]] inline config::Secrets secrets_of(const config::Commands& commands) {
    return commands.show_secrets ? config::Secrets::shown : config::Secrets::hidden;
}

[[nodiscard]] inline config::Strictness strictness_of(const config::Commands& commands) {
    return commands.strict ? config::Strictness::strict : config::Strictness::normal;
}

/// What is left of findings after -W and comments, in the order people read them.
Diagnostics judged(Diagnostics diagnostics, const config::Commands& commands, const config::SourceTexts& texts);

/// Writes findings as text to the messages of `output`: what a start does.
void tell(const Diagnostics& diagnostics, const config::Commands& commands, const config::SourceTexts& texts,
          const Output& output);

/// A text of Python as it may be shown: without secrets unless --show-secrets asks for them.
std::string shown_text(const std::string& text, const config::Commands& commands);

/// Writes a traceback, if there is one, and an empty line to the messages of `output`.
void tell_traceback(const std::string& traceback, const config::Commands& commands, const config::SourceTexts& texts, const Output& output);

/// The format of a check's report: as asked, else `github` under GITHUB_ACTIONS, else text.
config::ReportFormat report_format(const config::Commands& commands, const config::Environment& environment);

}  // namespace gunicorn::app
