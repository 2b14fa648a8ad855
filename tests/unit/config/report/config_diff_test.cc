#include "config/report/config_diff.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "config/resolver.h"
#include "support/config_world.h"

namespace gunicorn::config {
namespace {

using test::ConfigWorld;

Origin in_file(std::string name, int line) {
    return {.kind = SourceKind::config_file, .name = std::move(name), .line = line};
}

DiffInput input(ConfigWorld& world, std::string name, const Layer& layer, Secrets secrets = Secrets::shown) {
    return {std::move(name), dump_config(resolve({.config_file = layer}, world.context()), &world.objects, {}, secrets)};
}

TEST_CASE("a difference names the setting and both values with their origins") {
    ConfigWorld world;
    const DiffInput left = input(world, "a.py", {{"workers", 4, in_file("a.py", 3)}, {"timeout", 30, in_file("a.py", 4)}});
    const DiffInput right = input(world, "b.py", {{"workers", "8", in_file("b.py", 1)}});
    const ConfigDiff diff = diff_configs(left, right, Secrets::hidden);
    CHECK(diff_text(diff) ==
          "--- a.py\n"
          "+++ b.py\n"
          "workers\n"
          "  - 4  a.py:3\n"
          "  + 8  b.py:1\n"
          "\n"
          "1 setting differs\n");
    CHECK(nlohmann::json::parse(diff_json(diff)) == nlohmann::json::parse(R"({
        "format_version": 1,
        "left": {"name": "a.py", "server": "gunicorn )" GN_VERSION R"("},
        "right": {"name": "b.py", "server": "gunicorn )" GN_VERSION R"("},
        "same": false,
        "differences": [{"setting": "workers",
                         "left": {"value": 4, "origin": {"kind": "config_file", "name": "a.py", "line": 3}},
                         "right": {"value": 8, "origin": {"kind": "config_file", "name": "b.py", "line": 1}}}],
        "not_compared": []})"));
}

TEST_CASE("differences that are none are not listed") {
    ConfigWorld world;
    const DiffInput left = input(world, "a", {{"config", "a.py", {}},
                                              {"preload_app", "true", {}},
                                              {"umask", "022", {}},
                                              {"loglevel", "WARN", {}},
                                              {"secure_scheme_headers", Dict{{"A", "1"}, {"B", "2"}}, {}}});
    const DiffInput right = input(world, "b", {{"config", "b.py", {}},
                                               {"print_config", true, {}},
                                               {"preload_app", true, {}},
                                               {"umask", 18, {}},
                                               {"loglevel", "warning", {}},
                                               {"secure_scheme_headers", Dict{{"B", "2"}, {"A", "1"}}, {}}});
    const ConfigDiff diff = diff_configs(left, right, Secrets::hidden);
    CHECK(diff.is_same());
    CHECK(diff_text(diff) == "--- a\n+++ b\nno setting differs\n");
}

TEST_CASE("True is not 1, and the order of a list counts") {
    ConfigWorld world;
    const DiffInput left = input(world, "a", {{"secure_scheme_headers", Dict{{"A", true}}, {}}, {"bind", List{"a:1", "b:2"}, {}}});
    const DiffInput right = input(world, "b", {{"secure_scheme_headers", Dict{{"A", 1}}, {}}, {"bind", List{"b:2", "a:1"}, {}}});
    CHECK(diff_configs(left, right, Secrets::hidden).differences.size() == 2);
}

TEST_CASE("hooks are compared by name, and addresses do not count") {
    ConfigWorld world;
    const auto of = [&](std::string hook) { return input(world, "x", {{"on_exit", world.objects.function(std::move(hook), 1), {}}}); };
    CHECK(diff_configs(of("bye at 0x1"), of("bye at 0x2"), Secrets::hidden).is_same());
    CHECK_FALSE(diff_configs(of("bye"), of("other"), Secrets::hidden).is_same());
}

TEST_CASE("a setting that one version does not have is said") {
    ConfigWorld world;
    const DiffInput left = input(world, "a", {});
    DiffInput right = input(world, "b", {});
    right.dump.server = "gunicorn 99\x1b";
    right.dump.settings.front().name = "brand_new_token";
    right.dump.settings.front().value = "hunter2";
    const ConfigDiff diff = diff_configs(left, right, Secrets::hidden);
    REQUIRE(diff.differences.size() == 2);
    const std::string text = diff_text(diff);
    CHECK(text.find("  + no setting of gunicorn 99?\n") != std::string::npos);
    CHECK(text.find("brand_new_token\n  - no setting of gunicorn " GN_VERSION "\n  + '[redacted]'  ") != std::string::npos);
    CHECK(text.find("2 settings differ\n") != std::string::npos);
}

TEST_CASE("secrets are compared where both are known, and not shown") {
    ConfigWorld world;
    const auto with = [&](const char* password, Secrets secrets) {
        return input(world, "x", {{"raw_env", List{std::string("PASSWORD=") + password}, {}}}, secrets);
    };
    const ConfigDiff known = diff_configs(with("hunter2", Secrets::shown), with("other", Secrets::shown), Secrets::hidden);
    REQUIRE(known.differences.size() == 1);
    CHECK(diff_text(known).find("hunter2") == std::string::npos);
    CHECK(diff_json(known).find("hunter2") == std::string::npos);
    CHECK(diff_text(diff_configs(with("a", Secrets::shown), with("b", Secrets::shown), Secrets::shown)).find("PASSWORD=a") !=
          std::string::npos);

    for (const Secrets left : {Secrets::hidden, Secrets::shown}) {
        const ConfigDiff half = diff_configs(with("hunter2", left), with("other", Secrets::hidden), Secrets::hidden);
        CHECK(half.is_same());
        CHECK(half.not_compared == std::vector<std::string>{"raw_env"});
        CHECK(diff_text(half) == "--- x\n+++ x\nraw_env: not compared, one side is redacted\nno setting differs\n");
    }
    const ConfigDiff shape = diff_configs(with("hunter2", Secrets::shown), input(world, "x", {}, Secrets::hidden), Secrets::hidden);
    CHECK(shape.differences.size() == 1);
}

}  // namespace
}  // namespace gunicorn::config
