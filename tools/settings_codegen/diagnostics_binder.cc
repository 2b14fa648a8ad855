#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "cpp_text.h"
#include "diagnostics_model.h"
#include "entry.h"

namespace gunicorn::codegen {
namespace {

const Names kFields{"code", "id", "severity", "fallible", "lesser", "title", "rules", "desc"};

bool is_code(const std::string& text) {
    return text.size() == 6 && text.starts_with("GCF") && std::all_of(text.begin() + 3, text.end(), text::is_digit);
}

DiagnosticKind bind_kind(const Node& node, Problems& problems) {
    Entry entry(node, problems);
    entry.check_fields(kFields);
    DiagnosticKind kind;
    kind.line = entry.line();
    kind.code = entry.required_text("code");
    if (!kind.code.empty() && !is_code(kind.code)) entry.problem(entry.find("code")->line, "bad-code", "is not GCF and three digits");
    kind.id = entry.required_text("id");
    if (!kind.id.empty() && !is_identifier(kind.id)) {
        entry.problem(entry.find("id")->line, "bad-name", "cannot be the name of an enumerator");
    }
    if (!entry.has("severity")) entry.missing("severity");
    kind.severity = entry.one_of("severity", kSeverities, "unknown-severity", Severity::error);
    kind.is_fallible = entry.flag("fallible");
    kind.has_lesser = entry.flag("lesser");
    kind.title = entry.required_text("title");
    kind.description = entry.required_text("desc");
    if (const Node::Field* rules = entry.find("rules")) {
        kind.rules = rules->value.items;
        if (kind.rules.empty()) entry.bad(*rules, "a list of rules");
    }
    return kind;
}

void check_order_and_names(const std::vector<DiagnosticKind>& kinds, Problems& problems) {
    std::map<std::string_view, int> ids;
    const DiagnosticKind* before = nullptr;
    for (const DiagnosticKind& kind : kinds) {
        if (!ids.emplace(kind.id, kind.line).second) {
            problems.push_back({kind.line, "duplicate-name", fmt::format("`{}` is declared already", kind.id)});
        }
        if (before != nullptr && kind.code <= before->code) {
            problems.push_back({kind.line, "code-order", fmt::format("{} stands behind {}", kind.code, before->code)});
        }
        before = &kind;
    }
}

}  // namespace

BoundDiagnostics bind_diagnostics(const Node& root) {
    BoundDiagnostics bound;
    if (root.kind != Node::Kind::list) {
        bound.problems.push_back({std::max(root.line, 1), "bad-yaml", "is no list of diagnostics"});
        return bound;
    }
    for (const Node& item : root.items) {
        if (item.kind == Node::Kind::map) {
            bound.kinds.push_back(bind_kind(item, bound.problems));
        } else {
            bound.problems.push_back({item.line, "bad-yaml", "is no map"});
        }
    }
    check_order_and_names(bound.kinds, bound.problems);
    std::stable_sort(bound.problems.begin(), bound.problems.end(),
                     [](const Problem& a, const Problem& b) { return a.line < b.line; });
    return bound;
}

}  // namespace gunicorn::codegen
