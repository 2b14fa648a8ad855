#include "config/rules.h"

#include <algorithm>
#include <utility>

#include "config/rule_functions.h"

namespace gunicorn::config {
namespace {

std::string name_of(SettingId id) { return std::string(declaration(id).name); }

Diagnostic finding(const Rule& rule, const Settings& settings, const RuleFacts& facts) {
    Diagnostic found{rule.id, name_of(rule.about), settings.origin(rule.about), rule.message(settings, facts)};
    if (rule.help != nullptr) found.help = rule.help(settings, facts);
    for (const SettingId id : rule.reads) {
        if (id == rule.about || !rule_functions::is_set(settings, id)) continue;
        found.notes.push_back({settings.origin(id), name_of(id) + " is set here"});
    }
    return found;
}

}  // namespace

Diagnostics check_rules(const Settings& settings, std::span<const SettingId> refused, const RuleFacts& facts) {
    Diagnostics found;
    for (const Rule& rule : rules()) {
        const auto* unusable =
            std::find_first_of(rule.reads.data(), rule.reads.data() + rule.reads.size(), refused.begin(), refused.end());
        if (unusable != rule.reads.data() + rule.reads.size()) continue;
        if (rule.applies(settings, facts)) found.push_back(finding(rule, settings, facts));
    }
    return found;
}

}  // namespace gunicorn::config
