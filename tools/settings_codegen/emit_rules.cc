#include "emit_rules.h"

#include <fmt/format.h>

namespace gunicorn::codegen {
namespace {

using namespace fmt::literals;

std::string functions(const Rule& rule, std::size_t number) {
    TextList ids;
    for (const std::string& name : rule.reads) ids.push_back("SettingId::" + name);
    std::string unknown;
    for (const std::string& fact : rule.facts) unknown += fmt::format("    if (!facts.{}) return false;\n", fact);
    std::string out =
        fmt::format(R"(// {code}, {about}
constexpr SettingId kReads{number}[] = {{{reads}}};
bool applies{number}(const Settings& settings, [[maybe_unused]] const RuleFacts& facts) {{
{unknown}    return {condition};
}}
std::string message{number}([[maybe_unused]] const Settings& settings, [[maybe_unused]] const RuleFacts& facts) {{
    return {message};
}}
)",
                    "code"_a = rule.code, "about"_a = rule.about, "number"_a = number, "reads"_a = fmt::join(ids, ", "),
                    "unknown"_a = unknown, "condition"_a = rule.condition, "message"_a = rule.message);
    if (!rule.help.empty()) {
        out += fmt::format(
            R"(std::string help{}([[maybe_unused]] const Settings& settings, [[maybe_unused]] const RuleFacts& facts) {{
    return {};
}}
)",
            number, rule.help);
    }
    return out + "\n";
}

}  // namespace

std::string emit_rules(const std::vector<Rule>& rules) {
    std::string code;
    std::string rows;
    for (std::size_t i = 0; i < rules.size(); ++i) {
        code += functions(rules[i], i);
        rows += fmt::format("    {{DiagId::{}, SettingId::{}, kReads{}, &applies{}, &message{}, {}}},\n", rules[i].id,
                            rules[i].about, i, i, i, rules[i].help.empty() ? "nullptr" : fmt::format("&help{}", i));
    }
    return fmt::format(R"(// Made from schema/diagnostics.yaml by tools/settings_codegen. Do not edit; edit the schema.

#include "base/text.h"
#include "config/cross_checks.h"
#include "config/rule_functions.h"
#include "config/rules.h"

namespace gunicorn::config {{
namespace {{

using namespace rule_functions;

{code}constexpr std::array<Rule, {count}> kRules{{{{
{rows}}}}};

}}  // namespace

std::span<const Rule> rules() noexcept {{ return kRules; }}

}}  // namespace gunicorn::config
)",
                       "code"_a = code, "rows"_a = rows, "count"_a = rules.size());
}

}  // namespace gunicorn::codegen
