#include "emit_diagnostics.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cpp_text.h"

namespace gunicorn::codegen {
namespace {

constexpr std::string_view kBanner =
    "// Made from schema/diagnostics.yaml by tools/settings_codegen. Do not edit; edit the schema.\n";
constexpr std::string_view kPageBanner =
    "<!-- Made from schema/diagnostics.yaml by tools/settings_codegen. Do not edit; edit the schema. -->\n";
constexpr std::array<std::string_view, 7> kGroups{"Sources of settings", "Names",        "Values",         "Settings together",
                                                  "Hooks",               "This host", "The application"};

std::string dashed(std::string id) {
    std::replace(id.begin(), id.end(), '_', '-');
    return id;
}

std::string_view severity_of(const DiagnosticKind& kind) { return kSeverities[static_cast<std::size_t>(kind.severity)]; }

std::string page(const DiagnosticKind& kind) {
    return fmt::format("{}\n# {}: {}\n\n*{}*, `{}`\n\n{}\n", kPageBanner, kind.code, kind.title, severity_of(kind),
                       dashed(kind.id), kind.description);
}

std::string index(const std::vector<DiagnosticKind>& kinds) {
    std::string out = fmt::format(
        "{}\n# What a check can find\n\nEach finding has a code that stays the same. `gunicorn --explain GCF101` prints its page;\n"
        "[configuration.md](../configuration.md) says how to turn a code off or make an error of it.\n",
        kPageBanner);
    char group = 0;
    for (const DiagnosticKind& kind : kinds) {
        if (kind.code[3] != group) {
            group = kind.code[3];
            const auto number = static_cast<std::size_t>(group - '0');
            out += fmt::format("\n## {}\n\n| code | | |\n|---|---|---|\n", number < kGroups.size() ? kGroups[number] : "More");
        }
        out += fmt::format("| [{0}]({0}.md) | {1} | {2} |\n", kind.code, severity_of(kind), kind.title);
    }
    return out;
}

}  // namespace

std::string emit_diag_ids(const std::vector<DiagnosticKind>& kinds) {
    std::string ids;
    for (const DiagnosticKind& kind : kinds) ids += fmt::format("    {},  ///< {}: {}\n", kind.id, kind.code, kind.title);
    return fmt::format(R"(#pragma once
{}
#include <cstddef>
#include <cstdint>

namespace gunicorn {{

/// Everything that can be found in a configuration, in the order of the codes.
enum class DiagId : std::uint8_t {{
{}}};

inline constexpr std::size_t kDiagCount = {};

}}  // namespace gunicorn
)",
                       kBanner, ids, kinds.size());
}

std::string emit_diagnostic_table(const std::vector<DiagnosticKind>& kinds) {
    std::string rows;
    for (const DiagnosticKind& kind : kinds) {
        rows += fmt::format("    {{{}, {}, Severity::{}, {}, {}, {},\n     {}}},\n", quoted(kind.code), quoted(dashed(kind.id)),
                            severity_of(kind), kind.is_fallible, kind.has_lesser, quoted(kind.title), quoted(kind.description, "     "));
    }
    return fmt::format(R"({}
#include "base/diagnostic.h"

#include <iterator>

namespace gunicorn {{
namespace {{

constexpr DiagKind kKinds[] = {{
{}}};
static_assert(std::size(kKinds) == kDiagCount);

}}  // namespace

std::span<const DiagKind> diag_kinds() noexcept {{ return kKinds; }}

}}  // namespace gunicorn
)",
                       kBanner, rows);
}

std::vector<std::pair<std::string, std::string>> emit_diagnostic_pages(const std::vector<DiagnosticKind>& kinds) {
    std::vector<std::pair<std::string, std::string>> pages{{"README.md", index(kinds)}};
    for (const DiagnosticKind& kind : kinds) pages.emplace_back(kind.code + ".md", page(kind));
    return pages;
}

}  // namespace gunicorn::codegen
