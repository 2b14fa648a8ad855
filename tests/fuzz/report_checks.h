#pragma once
// What holds of the places and reports of every source, whatever it was given.

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "base/diagnostic.h"
#include "base/text.h"
#include "config/report/diagnostic_report.h"
#include "config/report/source_texts.h"

namespace gunicorn::fuzz {

/// Never in an input by itself; a report that shows it did not redact.
inline constexpr std::string_view kMarker = "q7Zk3vXw9";

/// The place lies in the text that `texts` has of its source; an origin without a line has no columns either.
inline void check_place(const Origin& origin, const config::SourceTexts& texts, int line_count) {
    for (const Span& span : {Span{origin.line, origin.column, origin.end_column}, origin.value}) {
        GN_ASSERT(span.line >= 0 && span.line <= line_count, "a line is one of the text");
        if (span.column == 0) continue;
        const int behind = text::length(texts.line(source_name(origin), span.line)) + 1;
        GN_ASSERT(span.line > 0 && span.column > 0, "a column has a line");
        GN_ASSERT(span.column <= span.end_column && span.end_column <= behind, "a span lies in its line");
    }
}

inline void check_places(const Diagnostics& diagnostics, const config::SourceTexts& texts, int line_count) {
    for (const Diagnostic& one : diagnostics) {
        check_place(one.origin, texts, line_count);
        for (const Note& note : one.notes) check_place(note.origin, texts, line_count);
    }
}

/// Every form can be made, is what it claims to be, and has no secret in it.
inline void check_reports(const Diagnostics& given, const config::SourceTexts& texts) {
    using config::ReportFormat;
    if (given.empty()) return;
    const Diagnostics diagnostics = config::in_reading_order(given);
    for (const auto format : {ReportFormat::text, ReportFormat::json, ReportFormat::github, ReportFormat::sarif}) {
        const std::string report = config::format_diagnostics(diagnostics, texts, {.format = format});
        GN_ASSERT(report.find(kMarker) == std::string::npos, "secrets are redacted in every form");
        GN_ASSERT(report.empty() || report.back() == '\n', "a report ends with its last line");
        if (format == ReportFormat::json || format == ReportFormat::sarif) {
            GN_ASSERT(nlohmann::json::accept(report), "a JSON form is JSON");
        } else if (format == ReportFormat::text) {
            for (const std::string_view line : text::split(report, '\n')) {
                GN_ASSERT(text::printable(line) == line, "a terminal obeys nothing of a report");
            }
        } else {
            for (const std::string_view line : text::split(report, '\n')) {
                GN_ASSERT(line.empty() || line.starts_with("::"), "a workflow command is one line");
            }
        }
    }
    const std::string coloured = config::format_diagnostics(diagnostics, texts, {.colour = config::Colour::yes});
    GN_ASSERT(!coloured.empty(), "every finding is in the report");
}

}  // namespace gunicorn::fuzz
