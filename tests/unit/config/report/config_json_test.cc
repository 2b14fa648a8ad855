#include "config/report/config_json.h"

#include <catch2/catch.hpp>
#include <limits>
#include <nlohmann/json.hpp>

#include "config/report/config_diff.h"
#include "config/resolver.h"
#include "support/config_world.h"

namespace gunicorn::config {
namespace {

using nlohmann::json;
using test::ConfigWorld;

json document_of(ConfigWorld& world, const Layers& layers, const Selection& selection = {}) {
    const Resolution resolution = resolve(layers, world.context());
    return json::parse(config_json(dump_config(resolution, &world.objects, selection, Secrets::hidden), selection));
}

Origin in_file(int line) { return {.kind = SourceKind::config_file, .name = "conf.py", .line = line, .column = 11}; }

TEST_CASE("the JSON form has every setting with value, default, origin and history, strongest first") {
    ConfigWorld world;
    Origin origin = in_file(14);
    origin.variables = {"N"};
    const Layers layers{.config_file = {{"workers", 2, in_file(3)}, {"workers", "4", origin}},
                        .command_line = {{"workers", -1, Origin{.kind = SourceKind::command_line, .position = 2}}}};
    const json document = document_of(world, layers);
    CHECK(document["format_version"] == 1);
    CHECK(document["server"] == "gunicorn " GN_VERSION);
    CHECK(document["selection"] == "all");
    CHECK(document["settings"].size() == kSettingCount);
    CHECK(document["settings"]["workers"] == json::parse(R"({
        "value": 4, "default": 1, "changed": true,
        "origin": {"kind": "config_file", "name": "conf.py", "line": 14, "column": 11, "variables": ["N"]},
        "history": [
            {"value": -1, "origin": {"kind": "command_line", "argument": 2}, "accepted": false},
            {"value": "4", "origin": {"kind": "config_file", "name": "conf.py", "line": 14, "column": 11, "variables": ["N"]},
             "accepted": true},
            {"value": 2, "origin": {"kind": "config_file", "name": "conf.py", "line": 3, "column": 11}, "accepted": true},
            {"value": 1, "origin": {"kind": "default"}, "accepted": true}]})"));
    CHECK(document["settings"]["pidfile"] ==
          json::parse(R"({"value": null, "default": null, "changed": false, "origin": {"kind": "default"}, "history": []})"));
}

TEST_CASE("what JSON has not is written as an object") {
    ConfigWorld world;
    const RawValue odd = Dict{{"$object", "mine"},
                              {"bytes", std::string("/\xff")},
                              {"nan", std::numeric_limits<double>::quiet_NaN()},
                              {"class", world.objects.a_class("H")}};
    const Layers layers{.config_file = {{"on_exit", world.objects.function("bye at 0x7f12ab", 1), {}},
                                        {"secure_scheme_headers", odd, {}},
                                        {"raw_env", List{"A=b"}, {}}}};
    const json settings = document_of(world, layers)["settings"];
    CHECK(settings["on_exit"]["value"] == json{{"$object", "__config__.bye"}});
    CHECK(settings["secure_scheme_headers"]["value"] == json::parse(R"({"$$object": "mine", "bytes": {"$bytes": "2fff"},
        "nan": {"$float": "nan"}, "class": {"$object": "__config__.H"}})"));
    CHECK(settings["raw_env"]["value"] == json{"A=[redacted]"});
    CHECK(settings["raw_env"]["redacted"] == true);
    CHECK_FALSE(settings["bind"].contains("redacted"));
}

TEST_CASE("the JSON form reads back to the same dump") {
    ConfigWorld world;
    const RawValue odd = Dict{{"$object", "mine"}, {"bytes", std::string("/\xff")}, {"deep", List{Dict{{"x", 0.5}}, RawValue()}},
                              {"inf", std::numeric_limits<double>::infinity()}};
    Origin origin = in_file(14);
    origin.variables = {"N", "M"};
    const Layers layers{.config_file = {{"secure_scheme_headers", odd, origin},
                                        {"on_exit", world.objects.function("bye", 1), origin},
                                        {"workers", -1, Origin{.kind = SourceKind::paste, .name = "p.ini", .line = 3}},
                                        {"raw_env", List{"A=b"}, origin}}};
    const ConfigDump dump = dump_config(resolve(layers, world.context()), &world.objects, {}, Secrets::hidden);
    const auto again = parse_config_json(config_json(dump, {}));
    REQUIRE(again);
    CHECK(config_json(*again, {}) == config_json(dump, {}));
    CHECK(diff_configs({"a", dump}, {"b", *again}, Secrets::hidden).is_same());
}

TEST_CASE("a document that is no dump is refused in words") {
    const std::string good = R"({"value": 1, "default": 1, "changed": false, "origin": {"kind": "default"}, "history": []})";
    const auto with = [](const std::string& settings) {
        return R"({"format_version": 1, "server": "g", "selection": "all", "settings": )" + settings + "}";
    };
    CHECK(parse_config_json(with(R"({"x": )" + good + "}")));
    struct Row {
        std::string text;
        std::string part;
    };
    const std::vector<Row> rows{
        {"", "line 1: this is not JSON"},
        {"workers = 4\n", "line 1: this is not JSON"},
        {"{\n\"a\": \n}", "line 3: this is not JSON"},
        {"{\"a\": \"\xff\"}", "line 1: this is not JSON"},
        {std::string(100000, '['), "this is not JSON"},
        {"[1e999]", "a number in it is too large"},
        {"[]", "the document is no object"},
        {"{}", "format_version is missing"},
        {R"({"format_version": )" + std::string(200000, '[') + std::string(200000, ']') + "}", "format_version is no number"},
        {R"({"format_version": 2})", "its format_version is 2, not 1"},
        {R"({"format_version": "\u001b"})", "its format_version is"},
        {R"({"format_version": 1, "selection": "some"})", "some of the settings only"},
        {R"({"format_version": 1, "selection": "all", "server": 3})", "server is missing or no text"},
        {R"({"format_version": 1, "selection": "all", "server": "g"})", "settings is missing"},
        {with("[]"), "settings is missing or no object"},
        {with(R"({"x": 3})"), "settings.x: the entry is missing or wrong"},
        {with(R"({"x": {}})"), "settings.x: value is missing or wrong"},
        {with(R"({"x": {"value": {"$what": 1}}})"), "settings.x: value"},
        {with(R"({"x": {"value": {"$bytes": "f"}}})"), "settings.x: value"},
        {with(R"({"x": {"value": )" + std::string(100, '[') + std::string(100, ']') + "}}"), "settings.x: value"},
        {with(R"({"x": {"value": 1}})"), "settings.x: default"},
        {with(R"({"x": {"value": 1, "default": 1, "changed": 1}})"), "settings.x: changed"},
        {with(R"({"x": {"value": 1, "default": 1, "changed": true, "redacted": 1}})"), "settings.x: redacted"},
        {with(R"({"x": {"value": 1, "default": 1, "changed": true, "origin": {"kind": "moon"}}})"), "settings.x: origin"},
        {with(R"({"x": {"value": 1, "default": 1, "changed": true, "origin": {"kind": "default", "line": -1}}})"), "settings.x: origin"},
        {with(R"({"x": {"value": 1, "default": 1, "changed": true, "origin": {"kind": "default", "line": 99999999999}}})"),
         "settings.x: origin"},
        {with(R"({"x": {"value": 1, "default": 1, "changed": true, "origin": {"kind": "default"}, "history": [1]}})"),
         "settings.x: history"},
        {with("{\"x\\u001b[2J\": 3}"), "settings.x?[2J: the entry"},
    };
    for (const Row& row : rows) {
        const auto parsed = parse_config_json(row.text);
        INFO(row.text.substr(0, 200));
        REQUIRE_FALSE(parsed);
        INFO(parsed.error());
        CHECK(parsed.error().find(row.part) != std::string::npos);
        CHECK(parsed.error().find('\x1b') == std::string::npos);
    }
}

TEST_CASE("a dump with numbers beyond 64 bits reads without loss") {
    const std::string text =
        R"({"format_version": 1, "server": "g", "selection": "all", "settings": {"x": {"value": 18446744073709551615,
            "default": -9223372036854775808, "changed": true, "origin": {"kind": "default"}, "history": []}}})";
    const auto dump = parse_config_json(text);
    REQUIRE(dump);
    REQUIRE(object_name(dump->settings.front().value) != nullptr);
    CHECK(*object_name(dump->settings.front().value) == "18446744073709551615");
    CHECK(dump->settings.front().default_value == RawValue(std::numeric_limits<std::int64_t>::min()));
}

}  // namespace
}  // namespace gunicorn::config
