#include "rule_binder.h"

#include <fmt/format.h>

#include <algorithm>

#include "entry.h"
#include "rule_expression.h"

namespace gunicorn::codegen {
namespace {

const Names kFields{"about", "when", "message", "help"};

class RuleBinder {
public:
    /// All outlive the binder. `node` is a map.
    RuleBinder(const Node& node, const DiagnosticKind& kind, const Settings& settings, BoundRules& bound)
        : entry_(node, bound.problems), kind_(kind), settings_(settings), bound_(bound) {}

    void bind() {
        entry_.check_fields(kFields);
        for (const std::string_view needed : {"about", "when", "message"}) {
            if (!entry_.has(needed)) entry_.missing(needed);
        }
        for (const std::string& name : about()) {
            const auto setting =
                std::find_if(settings_.begin(), settings_.end(), [&](const Setting& one) { return one.name == name; });
            if (setting == settings_.end()) {
                entry_.problem(entry_.find("about")->line, "unknown-name", fmt::format("no setting `{}`", name));
            } else if (!bind_about(*setting)) {
                return;  // the others would have the same mistakes
            }
        }
    }

private:
    /// One name, or a list.
    TextList about() {
        const Node::Field* field = entry_.find("about");
        if (field == nullptr) return {};
        if (field->value.kind == Node::Kind::list) return entry_.texts("about");
        const std::string name = entry_.text("about");
        return name.empty() ? TextList() : TextList{name};
    }

    bool bind_about(const Setting& setting) {
        RuleScope scope(settings_, setting);
        const std::size_t problems = bound_.problems.size();
        Rule rule{.code = kind_.code, .id = kind_.id, .about = setting.name};
        rule.condition = compile("when", scope, compile_condition);
        rule.message = compile("message", scope, compile_text);
        rule.help = compile("help", scope, compile_text);
        if (bound_.problems.size() != problems) return false;
        rule.reads = scope.reads();
        rule.facts = scope.facts();
        if (std::find(rule.reads.begin(), rule.reads.end(), setting.name) == rule.reads.end())
            rule.reads.push_back(setting.name);
        bound_.rules.push_back(std::move(rule));
        return true;
    }

    std::string compile(std::string_view name, RuleScope& scope,
                        RuleResult<std::string> (*compiler)(std::string_view, RuleScope&)) {
        const std::string text = entry_.text(name);
        if (text.empty()) return {};
        RuleResult<std::string> code = compiler(text, scope);
        if (code) return *std::move(code);
        entry_.problem(entry_.find(name)->line, code.error().id,
                       fmt::format("{}: `{}`: {}", kind_.code, name, code.error().message));
        return {};
    }

    Entry entry_;
    const DiagnosticKind& kind_;
    const Settings& settings_;
    BoundRules& bound_;
};

}  // namespace

BoundRules bind_rules(const std::vector<DiagnosticKind>& kinds, const Settings& settings) {
    BoundRules bound;
    for (const DiagnosticKind& kind : kinds) {
        for (const Node& rule : kind.rules) {
            if (rule.kind == Node::Kind::map) {
                RuleBinder(rule, kind, settings, bound).bind();
            } else {
                bound.problems.push_back({rule.line, "bad-yaml", fmt::format("{}: is no map", kind.code)});
            }
        }
    }
    std::stable_sort(bound.problems.begin(), bound.problems.end(),
                     [](const Problem& a, const Problem& b) { return a.line < b.line; });
    return bound;
}

}  // namespace gunicorn::codegen
