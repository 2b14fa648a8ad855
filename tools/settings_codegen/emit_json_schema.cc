#include "emit_json_schema.h"

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "literal.h"

namespace gunicorn::codegen {
namespace {

using Json = nlohmann::ordered_json;

Json literal_json(const Literal& value) {
    struct Visitor {
        Json operator()(std::monostate) const { return nullptr; }
        Json operator()(bool flag) const { return flag; }
        Json operator()(std::int64_t number) const { return number; }
        Json operator()(const std::string& text) const { return text; }
        Json operator()(const TextList& items) const { return items; }
        Json operator()(const TextMap& entries) const {
            Json out = Json::object();
            for (const auto& [key, text] : entries) out[key] = text;
            return out;
        }
    };
    return std::visit(Visitor{}, value);
}

/// Every value that a judge of choices takes.
Json choices_json(const Setting& setting) {
    Json values = setting.choices;
    for (const Alias& alias : setting.aliases) values.push_back(literal_json(alias.value));
    if (setting.nullable) values.push_back(nullptr);
    return values;
}

/// "integer", or ["integer", "null"].
Json type_json(const Setting& setting) {
    Json types = Json::array();
    switch (setting.type) {
        case Type::integer: types.push_back("integer"); break;
        case Type::boolean: types.push_back("boolean"); break;
        case Type::string_list: types = {"array", "string"}; break;
        case Type::dictionary: types.push_back("object"); break;
        case Type::string:
        case Type::class_name:
        case Type::hook: types.push_back("string"); break;
        case Type::any: return nullptr;
    }
    // A hook that nobody set is None.
    if (setting.nullable || setting.type == Type::hook) types.push_back("null");
    return types.size() == 1 ? types.front() : types;
}

void add_values(Json& out, const Setting& setting) {
    if (!setting.choices.empty()) {
        out["enum"] = choices_json(setting);
        return;
    }
    if (setting.validator == "worker_count") {
        out["anyOf"] = {{{"type", "integer"}, {"minimum", 0}}, {{"const", "auto"}}};
        return;
    }
    if (Json types = type_json(setting); !types.is_null()) out["type"] = std::move(types);
    if (setting.type == Type::string_list) out["items"] = {{"type", "string"}};
    const Bounds limits = bounds(setting);
    if (limits.min) out["minimum"] = *limits.min;
    if (limits.max) out["maximum"] = *limits.max;
}

Json setting_json(const Setting& setting) {
    Json out{{"description", setting.description}};
    add_values(out, setting);
    if (!setting.default_call.empty()) {
        out["x-default"] = setting.default_text;
    } else {
        out["default"] = setting.type == Type::string_list ? Json(list_items(setting.default_value))
                                                           : literal_json(setting.default_value);
    }
    if (setting.status == Status::obsolete) out["deprecated"] = true;
    out["x-section"] = setting.section;
    if (!setting.flags.empty()) out["x-cli"] = setting.flags;
    out["x-env"] = TextList{"GUNICORN_SETTING_" + text::to_upper(setting.name)};
    if (!setting.default_env.empty()) out["x-env"].push_back(setting.default_env);
    out["x-since"] = setting.since;
    out["x-reload"] = kReloads[std::size_t(setting.reload)];
    out["x-status"] = kStatuses[std::size_t(setting.status)];
    if (setting.secret) out["x-secret"] = true;
    if (setting.type == Type::hook) out["x-hook"] = setting.params;
    return out;
}

}  // namespace

std::string emit_json_schema(const Settings& settings) {
    Json properties = Json::object();
    for (const Setting& setting : settings) properties[setting.name] = setting_json(setting);
    const Json document{
        {"$schema", "https://json-schema.org/draft/2020-12/schema"},
        {"$comment", "Made from schema/settings.yaml by tools/settings_codegen. Do not edit; edit the schema."},
        {"title", "Settings of Gunicorn"},
        {"description", "Classes and hooks are named: 'package.module.object'."},
        {"type", "object"},
        {"additionalProperties", false},
        {"properties", std::move(properties)}};
    return document.dump(2) + "\n";
}

}  // namespace gunicorn::codegen
