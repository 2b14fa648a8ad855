#include "config/report/json_schema.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "config/report/config_json.h"
#include "config/resolver.h"
#include "support/config_world.h"

namespace gunicorn::config {
namespace {

using nlohmann::json;
using test::ConfigWorld;

bool has_type(const json& value, const std::string& type) {
    if (type == "integer") return value.is_number_integer();
    if (type == "boolean") return value.is_boolean();
    if (type == "string") return value.is_string();
    if (type == "array") return value.is_array();
    if (type == "object") return value.is_object();
    return type == "null" && value.is_null();
}

/// As much of JSON Schema as the document uses.
bool satisfies(const json& value, const json& schema) {
    if (schema.contains("enum"))
        return std::find(schema["enum"].begin(), schema["enum"].end(), value) != schema["enum"].end();
    if (schema.contains("const")) return value == schema["const"];
    if (schema.contains("anyOf")) {
        return std::any_of(schema["anyOf"].begin(), schema["anyOf"].end(),
                           [&](const json& form) { return satisfies(value, form); });
    }
    if (schema.contains("type")) {
        const json types = schema["type"].is_array() ? schema["type"] : json::array({schema["type"]});
        const auto fits = [&](const json& type) { return has_type(value, type.get<std::string>()); };
        if (std::none_of(types.begin(), types.end(), fits)) return false;
    }
    if (value.is_number() && schema.contains("minimum") && value < schema["minimum"]) return false;
    if (value.is_number() && schema.contains("maximum") && value > schema["maximum"]) return false;
    if (value.is_array() && schema.contains("items")) {
        return std::all_of(value.begin(), value.end(), [&](const json& item) { return satisfies(item, schema["items"]); });
    }
    return true;
}

json properties() { return json::parse(json_schema())["properties"]; }

TEST_CASE("the JSON Schema has every setting, in the order of the schema") {
    const auto document = nlohmann::ordered_json::parse(json_schema());
    CHECK(document["$schema"] == "https://json-schema.org/draft/2020-12/schema");
    std::size_t index = 0;
    REQUIRE(document["properties"].size() == kSettingCount);
    for (const auto& [name, property] : document["properties"].items()) {
        const Declaration& setting = declarations()[index++];
        CHECK(name == setting.name);
        CHECK(property["description"] == setting.description);
        CHECK(property.contains("default") == !setting.has_computed_default);
        CHECK(property.value("x-secret", false) == setting.secret);
        CHECK(property.value("deprecated", false) == (setting.status == Status::obsolete));
        CHECK(property.value("x-cli", json::array()).size() == setting.flags.size());
        CHECK(property.value("x-hook", json::array()).size() == setting.params.size());
    }
}

TEST_CASE("every default satisfies the JSON Schema and is the one that it gives") {
    ConfigWorld world;
    const json schema = properties();
    const ConfigDump dump = dump_config(resolve(Layers{}, world.context()), &world.objects, {}, Secrets::shown);
    const json settings = json::parse(config_json(dump, {}))["settings"];
    REQUIRE(settings.size() == kSettingCount);
    for (const auto& [name, setting] : settings.items()) {
        INFO(name);
        CHECK(satisfies(setting["default"], schema[name]));
        if (schema[name].contains("default")) CHECK(setting["default"] == schema[name]["default"]);
    }
}

TEST_CASE("what the validators refuse does not satisfy the JSON Schema") {
    const json schema = properties();
    CHECK_FALSE(satisfies(-1, schema["workers"]));
    CHECK_FALSE(satisfies("four", schema["workers"]));
    CHECK(satisfies("auto", schema["workers"]));
    CHECK_FALSE(satisfies(3, schema["cert_reqs"]));
    CHECK_FALSE(satisfies(16383, schema["http2_max_frame_size"]));
    CHECK_FALSE(satisfies("sometimes", schema["header_map"]));
    CHECK_FALSE(satisfies(json::array({1}), schema["bind"]));
    CHECK_FALSE(satisfies(nullptr, schema["chdir"]));
    CHECK(satisfies(nullptr, schema["pidfile"]));
    CHECK(satisfies("shop.hooks.bye", schema["on_exit"]));
}

}  // namespace
}  // namespace gunicorn::config
