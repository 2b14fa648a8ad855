#include "emit_cpp.h"

#include <fmt/format.h>

#include <algorithm>

#include "cpp_text.h"
#include "emit_docs.h"

namespace gunicorn::codegen {
namespace {

using namespace fmt::literals;

constexpr std::string_view kBanner =
    "// Made from schema/settings.yaml by tools/settings_codegen. Do not edit; edit the schema.\n";

/// The setter's second argument: the function that judges a raw value.
std::string judge(const Setting& setting) {
    if (setting.type == Type::hook) {
        if (setting.arities.size() == 1) return fmt::format("&validators::hook<{}>", setting.arities.front());
        return fmt::format("&validators::hook_with_arities<{}>", fmt::join(setting.arities, ", "));
    }
    if (setting.range || !setting.choices.empty()) return "&judge_" + setting.name;
    return "&validators::" + setting.validator;
}

std::string text_array(std::string_view name, const TextList& items) {
    TextList parts;
    for (const std::string& item : items) parts.push_back(quoted(item));
    return fmt::format("constexpr std::string_view {}[] = {{{}}};\n", name, fmt::join(parts, ", "));
}

/// The arrays that a declaration points to.
std::string arrays(const Setting& setting) {
    std::string out;
    if (!setting.flags.empty()) out += text_array("kFlags_" + setting.name, setting.flags);
    if (!setting.also_called.empty()) out += text_array("kAlsoCalled_" + setting.name, setting.also_called);
    if (!setting.choices.empty()) out += text_array("kChoices_" + setting.name, setting.choices);
    if (!setting.params.empty()) out += text_array("kParams_" + setting.name, setting.params);
    out += fmt::format("constexpr Fact kFacts_{}[] = {{\n", setting.name);
    for (const auto& [name, text] : facts(setting)) out += fmt::format("    {{{}, {}}},\n", quoted(name), quoted(text));
    return out + "};\n";
}

std::string array_of(std::string_view prefix, const Setting& setting, const TextList& items) {
    return items.empty() ? "{}" : fmt::format("{}{}", prefix, setting.name);
}

std::string range_judge(const Setting& setting) {
    return fmt::format(R"(auto judge_{}(const RawValue& raw, const ValidationContext& context) {{
    return validators::int_in_range(raw, context, {}, {});
}}

)",
                       setting.name, setting.range->min, setting.range->max);
}

std::string choice_judge(const Setting& setting) {
    std::string translated = "raw";
    for (auto alias = setting.aliases.rbegin(); alias != setting.aliases.rend(); ++alias) {
        translated =
            fmt::format("raw == {} ? RawValue({}) : {}", raw_value(alias->value), quoted(alias->choice), translated);
    }
    return fmt::format(R"(auto judge_{0}(const RawValue& raw, const ValidationContext& context) {{
    return validators::{1}({2}, context, kChoices_{0}, validators::ChoiceCase::{3});
}}

)",
                       setting.name, setting.nullable ? "nullable_choice" : "choice", translated,
                       setting.ignore_case ? "ignore" : "exact");
}

/// True when the stored value is none of those that pass.
std::string asks_expression(const Setting& setting) {
    if (setting.type == Type::hook) return fmt::format("settings.{}.is_set", setting.name);
    if (setting.type == Type::boolean && !setting.nullable && setting.inert.empty()) {
        return fmt::format("{}settings.{}", setting.default_value == Literal{true} ? "!" : "", setting.name);
    }
    std::string out = fmt::format("settings.{} != {}", setting.name, typed_value(setting, setting.default_value));
    for (const Literal& value : setting.inert) {
        out += fmt::format(" && settings.{} != {}", setting.name, typed_value(setting, value));
    }
    return out;
}

std::string asks_function(const Setting& setting) {
    const std::string also = setting.detail_of.empty() ? "" : fmt::format(" && asks_{}(settings)", setting.detail_of);
    const std::string body = setting.inert_any ? "false" : asks_expression(setting) + also;
    return fmt::format("bool asks_{}({} settings) {{ return {}; }}\n", setting.name,
                       setting.inert_any ? "[[maybe_unused]] const Settings&" : "const Settings&", body);
}

/// Details come last: they call the function of their feature.
std::string asks_functions(const Settings& settings) {
    std::string features;
    std::string details;
    for (const Setting& setting : settings) {
        if (setting.status != Status::not_yet) continue;
        (setting.detail_of.empty() ? features : details) += asks_function(setting);
    }
    return features + details;
}

std::string default_function(const Setting& setting) {
    if (!setting.default_call.empty()) return "&computed_defaults::" + setting.default_call;
    return fmt::format("[](const ValidationContext&) {{ return {}; }}", raw_value(setting.default_value));
}

std::string declaration(const Setting& s) {
    std::string out = fmt::format("    {{.id = SettingId::{},\n", s.name);
    const auto add = [&](std::string_view member, std::string_view value) {
        out += fmt::format("     .{} = {},\n", member, value);
    };
    const std::string indent(9, ' ');
    const auto add_text = [&](std::string_view member, std::string_view text) {
        const bool has_lines = text.find('\n') != std::string_view::npos;
        out += fmt::format("     .{} ={}{},\n", member, has_lines ? "\n" + indent : " ", quoted(text, indent));
    };
    add("name", quoted(s.name));
    add("section", quoted(s.section));
    add("type", fmt::format("ValueType::{}", kTypes[std::size_t(s.type)]));
    add("nullable", s.nullable ? "true" : "false");
    add("status", fmt::format("Status::{}", kStatuses[std::size_t(s.status)]));
    add("reload", fmt::format("ReloadEffect::{}", kReloads[std::size_t(s.reload)]));
    add("secret", s.secret ? "true" : "false");
    add("has_computed_default", s.default_call.empty() ? "false" : "true");
    add("action", fmt::format("CliAction::{}", kActions[std::size_t(s.action)]));
    add("cli_type", fmt::format("CliType::{}", kCliTypes[std::size_t(s.cli_type)]));
    add("flags", array_of("kFlags_", s, s.flags));
    add("also_called", array_of("kAlsoCalled_", s, s.also_called));
    add("metavar", quoted(s.metavar));
    add("cli_const", quoted(s.cli_const));
    add("default_env", quoted(s.default_env));
    add("default_env_format", quoted(s.default_env_format));
    add("default_text", quoted(s.default_text));
    add("since", quoted(s.since));
    add("summary", quoted(s.summary()));
    add_text("description", s.description);
    add_text("example", s.example);
    add("facts", "kFacts_" + s.name);
    add("choices", array_of("kChoices_", s, s.choices));
    add("params", array_of("kParams_", s, s.params));
    add("default_value", default_function(s));
    add("set", fmt::format("&set_field<&Settings::{}, {}>", s.name, judge(s)));
    add("get", fmt::format("&get_field<&Settings::{}>", s.name));
    add("asks_for_feature", s.status == Status::not_yet ? "&asks_" + s.name : "nullptr");
    out.resize(out.size() - 2);
    return out + "},\n";
}

/// Setting indexes in the order of their names.
std::string name_order(const Settings& settings) {
    TextList names;
    for (const Setting& setting : settings) names.push_back(setting.name);
    std::sort(names.begin(), names.end());
    std::string out = "constexpr SettingId kByName[] = {\n";
    for (const std::string& name : names) out += fmt::format("    SettingId::{},\n", name);
    return out + "};\n";
}

/// Nothing without removed settings: there are no empty arrays.
std::string removed_table(const std::vector<Removed>& all) {
    if (all.empty()) return {};
    std::string out = "constexpr RemovedSetting kRemoved[] = {\n";
    for (const Removed& removed : all) {
        out += fmt::format("    {{{}, {}, {}, {}}},\n", quoted(removed.name), quoted(removed.since), quoted(removed.instead),
                           quoted(removed.note));
    }
    return out + "};\n";
}

/// Type of a hook's parameter, by its name.
std::string_view view_type(std::string_view param) {
    if (param == "server" || param == "arbiter") return "gateway::ServerView";
    if (param == "worker") return "gateway::WorkerView";
    if (param == "new_value" || param == "old_value") return "gateway::CountView";
    return "gateway::ObjectView";
}

std::string hook_method(const Setting& hook) {
    TextList params;
    for (const std::string& param : hook.params) params.push_back(fmt::format("{} {}", view_type(param), param));
    return fmt::format(R"(    /// {summary}
    Result<void> {name}({params}) const {{
        if (!{name}_.is_set) return {{}};
        const gateway::HookArgument arguments[] = {{{arguments}}};
        return invoker_->call({name}_, arguments);
    }}
    [[nodiscard]] bool has_{name}() const noexcept {{ return {name}_.is_set; }}

)",
                       "summary"_a = hook.summary(), "name"_a = hook.name, "params"_a = fmt::join(params, ", "),
                       "arguments"_a = fmt::join(hook.params, ", "));
}

}  // namespace

std::string emit_settings(const Settings& settings) {
    std::string ids;
    std::string fields;
    for (const Setting& setting : settings) {
        ids += fmt::format("    {},\n", setting.name);
        const std::string flags =
            setting.flags.empty() ? std::string("config file only") : fmt::format("{}", fmt::join(setting.flags, ", "));
        fields += fmt::format("    /// {} [{}]\n", setting.summary(), flags);
        fields += fmt::format("    {} {}{};\n", field_type(setting), setting.name, initializer(setting));
    }
    return fmt::format(R"(#pragma once
{banner}
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/origin.h"
#include "config/value.h"

namespace gunicorn::config {{

/// In schema order.
enum class SettingId : std::uint16_t {{
{ids}}};

inline constexpr std::size_t kSettingCount = {count};

/// Every setting, judged. A new one holds the fixed defaults; those that are computed or come from the environment are the
/// resolver's to fill in.
struct Settings {{
{fields}
    /// Who set each of them.
    std::array<Origin, kSettingCount> origins;
    [[nodiscard]] const Origin& origin(SettingId id) const {{ return origins[static_cast<std::size_t>(id)]; }}
}};

}}  // namespace gunicorn::config
)",
                       "banner"_a = kBanner, "ids"_a = ids, "count"_a = settings.size(), "fields"_a = fields);
}

std::string emit_json_text(const std::string& document) {
    return fmt::format(R"({}
#include "config/report/json_schema.h"

namespace gunicorn::config {{

std::string_view json_schema() noexcept {{
    return {};
}}

}}  // namespace gunicorn::config
)",
                       kBanner, quoted(document, std::string(11, ' ')));
}

std::string emit_registry(const Schema& schema) {
    const Settings& settings = schema.settings;
    std::string array_text;
    std::string judges;
    std::string rows;
    for (const Setting& setting : settings) {
        array_text += arrays(setting);
        if (setting.range) judges += range_judge(setting);
        if (!setting.choices.empty()) judges += choice_judge(setting);
        rows += declaration(setting);
    }
    return fmt::format(R"({banner}
#include "config/registry.h"

#include <algorithm>
#include <iterator>

#include "config/computed_defaults.h"
#include "config/set_field.h"
#include "config/validators.h"

namespace gunicorn::config {{
namespace {{

{arrays}
{judges}{asks}
constexpr Declaration kDeclarations[] = {{
{rows}}};
static_assert(std::size(kDeclarations) == kSettingCount);

{by_name}{removed}
}}  // namespace

std::span<const Declaration> declarations() noexcept {{ return kDeclarations; }}

std::span<const RemovedSetting> removed_settings() noexcept {{ return {removed_span}; }}

const Declaration& declaration(SettingId id) noexcept {{ return kDeclarations[static_cast<std::size_t>(id)]; }}

const Declaration* find_setting(std::string_view name) noexcept {{
    const auto name_of = [](SettingId id) {{ return declaration(id).name; }};
    const auto* found = std::ranges::lower_bound(kByName, name, {{}}, name_of);
    return found != std::end(kByName) && name_of(*found) == name ? &declaration(*found) : nullptr;
}}

}}  // namespace gunicorn::config
)",
                       "banner"_a = kBanner, "arrays"_a = array_text, "judges"_a = judges,
                       "asks"_a = asks_functions(settings), "rows"_a = rows, "by_name"_a = name_order(settings),
                       "removed"_a = removed_table(schema.removed),
                       "removed_span"_a = schema.removed.empty() ? "{}" : "kRemoved");
}

std::string emit_hook_set(const Settings& settings) {
    std::string methods;
    std::string copies;
    std::string slots;
    for (const Setting& setting : settings) {
        if (setting.type != Type::hook || setting.status != Status::working) continue;
        methods += hook_method(setting);
        copies += fmt::format(",\n          {0}_(settings.{0})", setting.name);
        slots += fmt::format("    config::HookValue {}_;\n", setting.name);
    }
    return fmt::format(R"(#pragma once
{banner}
#include "base/result.h"
#include "config/settings.gen.h"
#include "gateway/views.h"
#include "hooks/invoker.h"

namespace gunicorn::hooks {{

/// The hooks of one generation, one typed method each. A hook that nobody set costs a branch: no GIL, no call. The invoker
/// outlives it; the settings need not. GIL: taken by the call. Errors are those of Invoker::call.
class HookSet {{
public:
    /// No hook is set.
    HookSet() = default;
    HookSet(const config::Settings& settings, Invoker& invoker)
        : invoker_(&invoker){copies} {{}}

{methods}private:
    Invoker* invoker_ = nullptr;
{slots}}};

}}  // namespace gunicorn::hooks
)",
                       "banner"_a = kBanner, "copies"_a = copies, "methods"_a = methods, "slots"_a = slots);
}

}  // namespace gunicorn::codegen
