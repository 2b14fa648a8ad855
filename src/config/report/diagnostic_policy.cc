#include "config/report/diagnostic_policy.h"

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace gunicorn::config {
namespace {

constexpr std::string_view kMark = "gunicorn: ignore";

/// What stands behind the mark: nothing for every code, else the codes as written.
struct Suppression {
    bool is_for_all = false;
    std::vector<std::string_view> codes;
};

std::optional<Suppression> suppression_in(std::string_view line) {
    const std::size_t comment = line.find_first_of("#;");
    if (comment == std::string_view::npos) return std::nullopt;
    std::size_t at = line.find(kMark, comment);
    if (at == std::string_view::npos) return std::nullopt;
    at += kMark.size();
    Suppression found;
    if (at >= line.size() || line[at] != '[') {
        found.is_for_all = true;
        return found;
    }
    const std::size_t close = std::min(line.find(']', at), line.size());
    for (const std::string_view code : text::split(line.substr(at + 1, close - at - 1), ','))
        found.codes.push_back(text::trim(code));
    return found;
}

bool is_comment(std::string_view line) {
    const std::string_view content = text::trim(line);
    return content.starts_with('#') || content.starts_with(';');
}

class Policy {
public:
    Policy(const std::vector<WarningRule>& rules, const SourceTexts& texts) : rules_(rules), texts_(texts) {}

    Diagnostics apply(Diagnostics diagnostics) {
        for (Diagnostic& one : diagnostics) judge(std::move(one));
        return std::move(kept_);
    }

private:
    void judge(Diagnostic one) {
        const bool is_open = one.severity != Severity::error || kind_of(one.id).is_fallible;
        if (!is_open || (!is_suppressed(one) && obeys_rules(one))) kept_.push_back(std::move(one));
    }

    /// Changes the severity; false when the rules drop the finding. The last rule that means it counts.
    bool obeys_rules(Diagnostic& one) const {
        const Severity given = one.severity;
        bool is_kept = true;
        for (const WarningRule& rule : rules_) {
            const bool is_meant = rule.id ? *rule.id == one.id : given == Severity::warning;
            if (!is_meant) continue;
            is_kept = rule.action != WarningRule::Action::ignore;
            if (is_kept) one.severity = rule.action == WarningRule::Action::error ? Severity::error : Severity::warning;
        }
        return is_kept;
    }

    /// Both lines count: that of the name and that of the value, which differ in long statements.
    bool is_suppressed(const Diagnostic& one) {
        const int named = one.origin.line;
        const int pointed = pointed_at(one.origin).line;
        return is_suppressed_at(one, pointed) || (named != pointed && is_suppressed_at(one, named));
    }

    bool is_suppressed_at(const Diagnostic& one, int line) {
        if (line == 0) return false;
        const std::string source = source_name(one.origin);
        if (is_named(one, source, line)) return true;
        while (--line > 0 && is_comment(texts_.line(source, line))) {
            if (is_named(one, source, line)) return true;
        }
        return false;
    }

    bool is_named(const Diagnostic& one, const std::string& source, int line) {
        const auto suppression = suppression_in(texts_.line(source, line));
        if (!suppression) return false;
        const DiagKind& kind = kind_of(one.id);
        bool is_listed = suppression->is_for_all;
        for (const std::string_view code : suppression->codes) {
            const DiagKind* known = find_diag_kind(code);
            is_listed = is_listed || known == &kind;
            if (known == nullptr) warn_of_unknown(one.origin, line, code);
        }
        return is_listed;
    }

    void warn_of_unknown(const Origin& origin, int line, std::string_view code) {
        Origin place{.kind = origin.kind, .name = origin.name, .line = line};
        const bool is_told = std::any_of(kept_.begin(), kept_.end(), [&](const Diagnostic& other) {
            return other.id == DiagId::unknown_code && other.origin == place;
        });
        if (is_told) return;
        Diagnostic warning{DiagId::unknown_code, {}, std::move(place), "there is no code " + text::repr(code)};
        if (obeys_rules(warning)) kept_.push_back(std::move(warning));
    }

    const std::vector<WarningRule>& rules_;
    const SourceTexts& texts_;
    Diagnostics kept_;
};

}  // namespace

Diagnostics apply_policy(Diagnostics diagnostics, const std::vector<WarningRule>& rules, const SourceTexts& texts) {
    return Policy(rules, texts).apply(std::move(diagnostics));
}

bool is_acceptable(const Diagnostics& diagnostics, Strictness strictness) noexcept {
    const Severity worst = strictness == Strictness::strict ? Severity::warning : Severity::error;
    return std::none_of(diagnostics.begin(), diagnostics.end(),
                        [&](const Diagnostic& one) { return one.severity >= worst; });
}

}  // namespace gunicorn::config
