#include "base/diagnostic.h"

#include <algorithm>

#include "base/text.h"

namespace gunicorn {

const DiagKind* find_diag_kind(std::string_view wanted) noexcept {
    for (const DiagKind& kind : diag_kinds()) {
        if (text::equal_ignoring_case(kind.code, wanted) || kind.name == wanted) return &kind;
    }
    return nullptr;
}

std::string_view name_of(Severity severity) noexcept {
    switch (severity) {
        case Severity::note: return "note";
        case Severity::warning: return "warning";
        case Severity::error: return "error";
    }
    return {};
}

std::string to_string(const Diagnostic& diagnostic) {
    std::string text = to_string(diagnostic.origin) + ": ";
    text += name_of(diagnostic.severity);
    text += "[" + std::string(kind_of(diagnostic.id).code) + "]: ";
    if (!diagnostic.setting.empty()) text += diagnostic.setting + ": ";
    text += diagnostic.message;
    if (!diagnostic.help.empty()) text += "; " + diagnostic.help;
    return text;
}

bool has_errors(const Diagnostics& diagnostics) noexcept {
    return std::any_of(diagnostics.begin(), diagnostics.end(),
                       [](const Diagnostic& one) { return one.severity == Severity::error; });
}

}  // namespace gunicorn
