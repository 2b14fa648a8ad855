#pragma once
// Diagnostics as people and programs read them.

#include <optional>
#include <string>
#include <string_view>

#include "base/diagnostic.h"
#include "config/report/secrets.h"
#include "config/report/source_texts.h"

namespace gunicorn::config {

enum class ReportFormat {
    text,
    json,    ///< format_version 1; docs/configuration.md describes it
    github,  ///< workflow commands, which GitHub shows beside the line
    sarif,   ///< SARIF 2.1.0
};
/// By the name that --check-format takes.
[[nodiscard]] std::optional<ReportFormat> report_format_named(std::string_view name) noexcept;

enum class Colour { no, yes };

/// In the order people read sources: command line, environment, files by name and line, then defaults; equal ones once.
[[nodiscard]] Diagnostics in_reading_order(Diagnostics diagnostics);

/// With `strict` warnings make a configuration invalid too.
enum class Strictness { normal, strict };

/// How to write them.
struct ReportStyle {
    ReportFormat format = ReportFormat::text;
    Colour colour = Colour::no;
    Secrets secrets = Secrets::hidden;
    Strictness strictness = Strictness::normal;  ///< decides what the json form calls valid
};

/// Each with its place, the line of the source with an underline, notes and help; in the order given. Secrets are redacted
/// in messages and lines, control characters replaced. Text and github forms are empty when there is nothing to say; json
/// and sarif are a whole document, line end included.
[[nodiscard]] std::string format_diagnostics(const Diagnostics& diagnostics, const SourceTexts& texts,
                                             const ReportStyle& style);

/// "2 errors, 1 warning"; empty when there are neither.
[[nodiscard]] std::string count_of(const Diagnostics& diagnostics);

}  // namespace gunicorn::config
