#include "config/report/diagnostic_report.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "base/text.h"
#include "config/report/diagnostic_documents.h"
#include "config/report/shown_source.h"

namespace gunicorn::config {
namespace {

constexpr int kWidestLine = 110;  // characters of a source line that are shown

/// Where people look first.
int rank(SourceKind kind) {
    switch (kind) {
        case SourceKind::command_line: return 0;
        case SourceKind::command_environment: return 1;
        case SourceKind::setting_environment: return 2;
        case SourceKind::default_environment: return 3;
        case SourceKind::config_file: return 4;
        case SourceKind::paste: return 5;
        case SourceKind::environment_file: return 6;
        case SourceKind::runtime: return 7;
        case SourceKind::application: return 8;
        case SourceKind::defaults: return 9;
    }
    return 10;
}

auto reading_key(const Diagnostic& one) {
    const Span place = pointed_at(one.origin);
    return std::tuple(rank(one.origin.kind), std::string_view(one.origin.name), one.origin.position, place.line,
                      place.column);
}

bool is_on_one_line(const Diagnostic& a, const Diagnostic& b) {
    return a.origin.kind == b.origin.kind && a.origin.name == b.origin.name &&
           pointed_at(a.origin).line == pointed_at(b.origin).line;
}

bool is_same(const Diagnostic& a, const Diagnostic& b) {
    return a.id == b.id && a.setting == b.setting && a.message == b.message && to_string(a.origin) == to_string(b.origin);
}

/// A piece of a line and where the underlined part stands in it.
struct Excerpt {
    std::string text;
    int column = 0;
    int end_column = 0;
};

/// The byte where the given 1-based character begins.
std::size_t offset_of(std::string_view text, int column) {
    std::size_t at = 0;
    for (int skipped = 1; skipped < column && at < text.size(); ++skipped) {
        ++at;
        while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) ++at;
    }
    return at;
}

/// Whether the line is shown as written as far as the span goes: what was redacted has moved what stands behind it.
bool is_unchanged(std::string_view written, std::string_view shown, const Span& span) {
    const std::size_t end = offset_of(written, std::max(span.end_column, span.column + 1));
    return written.substr(0, end) == shown.substr(0, end);
}

/// Long lines are cut around what is underlined.
Excerpt cut(std::string_view line, const Span& span) {
    const int length = text::length(line);
    Excerpt excerpt{std::string(line), span.column, std::min(std::max(span.end_column, span.column + 1), length + 1)};
    if (length <= kWidestLine) return excerpt;
    const int first = std::clamp(span.column - 20, 1, std::max(1, length - kWidestLine));
    const std::size_t begin = offset_of(line, first);
    const std::size_t end = offset_of(line, first + kWidestLine);
    excerpt.text =
        (first > 1 ? "..." : "") + std::string(line.substr(begin, end - begin)) + (end < line.size() ? "..." : "");
    const int shift = first > 1 ? first - 1 - 3 : 0;
    excerpt.column -= shift;
    excerpt.end_column = std::min(excerpt.end_column - shift, text::length(excerpt.text) + 1);
    return excerpt;
}

class TextReport {
public:
    TextReport(const SourceTexts& texts, const ReportStyle& style) : texts_(texts), style_(style) {}

    void add(const Diagnostic& one) {
        std::string title(name_of(one.severity));
        title += "[" + std::string(kind_of(one.id).code) + "]";
        out_ += painted(colour_of(one.severity), title) + ": ";
        if (!one.setting.empty()) out_ += painted(kBold, shown(one.setting)) + ": ";
        out_ += shown(one.message) + "\n";
        add_place(one, colour_of(one.severity));
        for (const Note& note : one.notes) {
            out_ += "  = note: " + shown(note.message) + ": " + shown(place_of(note.origin)) + "\n";
        }
        if (!one.help.empty()) out_ += painted(kCyan, "  = help: ") + shown(one.help) + "\n";
    }

    std::string take() { return std::move(out_); }

private:
    static constexpr std::string_view kBold = "1";
    static constexpr std::string_view kCyan = "36";

    static std::string_view colour_of(Severity severity) {
        switch (severity) {
            case Severity::error: return "1;31";
            case Severity::warning: return "1;33";
            case Severity::note: return "1;34";
        }
        return kBold;
    }

    std::string painted(std::string_view colour, std::string_view text) const {
        if (style_.colour == Colour::no) return std::string(text);
        return "\x1b[" + std::string(colour) + "m" + std::string(text) + "\x1b[0m";
    }

    std::string shown(std::string_view text) const {
        return text::printable(style_.secrets == Secrets::hidden ? redact_text(text) : std::string(text));
    }

    static std::string place_of(const Origin& origin) {
        std::string place = to_string(origin);
        if (origin.position > 0) place += ", argument " + std::to_string(origin.position);
        for (std::size_t i = 0; i < origin.variables.size(); ++i) {
            place += (i == 0 ? " (from $" : ", $") + origin.variables[i];
        }
        return origin.variables.empty() ? place : place + ")";
    }

    void add_place(const Diagnostic& one, std::string_view colour) {
        const Origin& origin = one.origin;
        if (origin.kind == SourceKind::defaults) return;
        out_ += "  --> " + shown(place_of(origin)) + "\n";
        const Span span = pointed_at(origin);
        const std::string line = shown_source(one, texts_, style_.secrets);
        if (line.empty()) return;
        const Excerpt excerpt = cut(line, span);
        const std::string number = std::to_string(span.line);
        const std::string margin(number.size(), ' ');
        out_ += " " + margin + " |\n " + number + " | " + text::printable(excerpt.text) + "\n";
        if (span.column > 0 && is_unchanged(texts_.line(source_name(origin), span.line), line, span)) {
            const auto width = static_cast<std::size_t>(std::max(excerpt.end_column - excerpt.column, 1));
            out_ += " " + margin + " | " + std::string(static_cast<std::size_t>(excerpt.column) - 1, ' ') +
                    painted(colour, std::string(width, '^')) + "\n";
        }
    }

    const SourceTexts& texts_;
    const ReportStyle& style_;
    std::string out_;
};

std::string plural(std::size_t count, std::string_view word) {
    return std::to_string(count) + " " + std::string(word) + (count == 1 ? "" : "s");
}

}  // namespace

std::optional<ReportFormat> report_format_named(std::string_view name) noexcept {
    static constexpr std::array<std::string_view, 4> kNames{"text", "json", "github", "sarif"};
    const auto found = std::find(kNames.begin(), kNames.end(), name);
    if (found == kNames.end()) return std::nullopt;
    return static_cast<ReportFormat>(found - kNames.begin());
}

Diagnostics in_reading_order(Diagnostics diagnostics) {
    std::stable_sort(diagnostics.begin(), diagnostics.end(),
                     [](const Diagnostic& a, const Diagnostic& b) { return reading_key(a) < reading_key(b); });
    Diagnostics kept;
    for (Diagnostic& one : diagnostics) {
        const auto end_of_line = std::find_if_not(kept.rbegin(), kept.rend(),
                                                  [&](const Diagnostic& other) { return is_on_one_line(one, other); });
        const bool is_known =
            std::any_of(kept.rbegin(), end_of_line, [&](const Diagnostic& other) { return is_same(one, other); });
        if (!is_known) kept.push_back(std::move(one));
    }
    return kept;
}

std::string format_diagnostics(const Diagnostics& diagnostics, const SourceTexts& texts, const ReportStyle& style) {
    switch (style.format) {
        case ReportFormat::text: break;
        case ReportFormat::json: return json_report(diagnostics, texts, style);
        case ReportFormat::github: return github_report(diagnostics, style.secrets);
        case ReportFormat::sarif: return sarif_report(diagnostics, style.secrets);
    }
    TextReport report(texts, style);
    for (const Diagnostic& one : diagnostics) report.add(one);
    return report.take();
}

std::string count_of(const Diagnostics& diagnostics) {
    const auto count = [&](Severity severity) {
        return static_cast<std::size_t>(std::count_if(diagnostics.begin(), diagnostics.end(),
                                                      [&](const Diagnostic& one) { return one.severity == severity; }));
    };
    const std::size_t errors = count(Severity::error);
    const std::size_t warnings = count(Severity::warning);
    if (errors > 0 && warnings > 0) return plural(errors, "error") + ", " + plural(warnings, "warning");
    if (errors > 0) return plural(errors, "error");
    return warnings > 0 ? plural(warnings, "warning") : std::string();
}

}  // namespace gunicorn::config
