#include "config/resolver.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "config/env_source.h"
#include "config/paste_source.h"
#include "config/report/diagnostic_report.h"
#include "support/config_world.h"

namespace gunicorn::config {
namespace {

using test::ConfigWorld;

Origin config_line(int line) { return {.kind = SourceKind::config_file, .name = "gunicorn.conf.py", .line = line}; }

RawValue stored(const Resolution& resolution, std::string_view setting) {
    return find_setting(setting)->get(resolution.settings);
}
SourceKind winner(const Resolution& resolution, std::string_view setting) {
    return resolution.settings.origin(find_setting(setting)->id).kind;
}

Layer paste_layer(const std::string& text) {
    return PasteSource(PasteSpec{"dev.ini", "/deploy/dev.ini"}).read_text("[server:main]\n" + text).assignments;
}
Layer environment_layer(const std::string& words) {
    return parse_command_environment({{"GUNICORN_CMD_ARGS", words}}).assignments;
}
Layer command_line_layer(const std::vector<std::string>& words) { return parse_command_line(words).assignments; }

/// Whether the diagnostics are exactly these ids, in the order of discovery.
std::vector<DiagId> ids(const Diagnostics& diagnostics) {
    std::vector<DiagId> found;
    for (const Diagnostic& one : diagnostics) found.push_back(one.id);
    return found;
}

TEST_CASE("nothing said is the defaults, without a diagnostic") {
    ConfigWorld world;
    const Resolution resolution = resolve(Layers{}, world.context());
    CHECK(resolution.diagnostics.empty());
    CHECK(resolution.settings.workers == 1);
    CHECK(resolution.settings.bind == std::vector<std::string>{"127.0.0.1:8000"});
    CHECK(resolution.settings.user == 1000);
    CHECK(resolution.settings.group == 1001);
    CHECK(resolution.settings.chdir == "/");
    CHECK(winner(resolution, "workers") == SourceKind::defaults);
}

TEST_CASE("the variables of single settings replace their defaults") {
    ConfigWorld world;
    world.environment = {{"WEB_CONCURRENCY", " 08 "}, {"PORT", "5000"}, {"FORWARDED_ALLOW_IPS", "10.0.0.1"}};
    const Resolution resolution = resolve(Layers{}, world.context());
    CHECK(resolution.diagnostics.empty());
    CHECK(resolution.settings.workers == 8);
    CHECK(resolution.settings.bind == std::vector<std::string>{"0.0.0.0:5000"});
    CHECK(resolution.settings.forwarded_allow_ips == std::vector<std::string>{"10.0.0.1"});
    CHECK(resolution.settings.origin(SettingId::workers) ==
          Origin{.kind = SourceKind::default_environment, .name = "WEB_CONCURRENCY"});
}

TEST_CASE("a bad variable of a default is a located diagnostic, also when a stronger source says it right") {
    ConfigWorld world;
    for (const char* bad : {"abc", "", "-1", "2.5"}) {
        CAPTURE(bad);
        world.environment = {{"WEB_CONCURRENCY", bad}};
        const Resolution resolution = resolve({.command_line = command_line_layer({"-w", "3"})}, world.context());
        REQUIRE(resolution.diagnostics.size() == 1);
        CHECK(resolution.diagnostics[0].setting == "workers");
        CHECK(to_string(resolution.diagnostics[0].origin) == "environment variable WEB_CONCURRENCY");
        CHECK(resolution.settings.workers == 3);
    }
}

/// One setting of every type, as each source spells it; a hook and a dictionary have no option.
struct Spelling {
    const char* setting;
    std::string paste;
    RawValue config_file;
    std::string environment;
    std::vector<std::string> command_line;
    std::vector<RawValue> stored;  ///< paste, config file, environment, command line
};

std::vector<Spelling> one_of_every_type() {
    return {
        {"workers", "workers = 1", 2, "-w 3", {"-w", "4"}, {1, 2, 3, 4}},
        {"umask", "umask = 0022", "0022", "-m 0022", {"-m", "0022"}, {18, 18, 18, 18}},
        {"daemon", "daemon = true", false, "-D", {"-D"}, {true, false, true, true}},
        {"sendfile", "sendfile = true", RawValue(), "--no-sendfile", {"--no-sendfile"}, {true, RawValue(), false, false}},
        {"proc_name", "proc_name = a", " b ", "-n c", {"--name=d"}, {"a", "b", "c", "d"}},
        {"bind",
         "bind = a:1, a:2",
         List{"b:1"},
         "-b c:1",
         {"-b", "d:1", "-b", "d:2"},
         {List{"a:1", "a:2"}, List{"b:1"}, List{"c:1"}, List{"d:1", "d:2"}}},
        {"forwarded_allow_ips",
         "forwarded_allow_ips = 10.0.0.0/8, ::1",
         "*",
         "--forwarded-allow-ips=1.1.1.1",
         {"--forwarded-allow-ips", ""},
         {List{"10.0.0.0/8", "::1"}, List{"*"}, List{"1.1.1.1"}, List{}}},
        {"worker_class",
         "worker_class = gthread",
         "sync",
         "-k gthread",
         {"-k", "sync"},
         {"gthread", "sync", "gthread", "sync"}},
        {"loglevel",
         "loglevel = DEBUG",
         "warn",
         "--log-level info",
         {"--log-level=error"},
         {"debug", "warning", "info", "error"}},
        {"user", "user = 33", 0, "-u www-data", {"-u7"}, {33, 0, 33, 7}},
        {"ssl_version", "ssl_version = a", 2, "--ssl-version 3", {"--ssl-version", "4"}, {"a", 2, "3", "4"}},
    };
}

TEST_CASE("for a setting of every type the sources resolve in the documented order") {
    ConfigWorld world;
    for (const Spelling& one : one_of_every_type()) {
        CAPTURE(one.setting);
        Layers layers;
        std::vector<SourceKind> kinds;
        const auto check = [&](std::size_t source, SourceKind kind) {
            const Resolution resolution = resolve(layers, world.context());
            INFO(format_diagnostics(resolution.diagnostics, {}, {}));
            INFO(repr(stored(resolution, one.setting)));
            CHECK(stored(resolution, one.setting) == one.stored[source]);
            CHECK(winner(resolution, one.setting) == kind);
            // The history tells who said what, weakest first.
            kinds.push_back(kind);
            std::vector<SourceKind> said;
            for (const Candidate& candidate : resolution.history) {
                if (candidate.id == find_setting(one.setting)->id && candidate.origin.kind != SourceKind::defaults) {
                    said.push_back(candidate.origin.kind);
                }
            }
            CHECK(said == kinds);
        };
        layers.paste = paste_layer(one.paste);
        check(0, SourceKind::paste);
        layers.config_file = {{one.setting, one.config_file, config_line(1)}};
        check(1, SourceKind::config_file);
        layers.command_environment = environment_layer(one.environment);
        check(2, SourceKind::command_environment);
        layers.command_line = command_line_layer(one.command_line);
        check(3, SourceKind::command_line);
    }
}

TEST_CASE("a dictionary and a hook come from files only") {
    ConfigWorld world;
    const ObjectHandle function = world.objects.function("post_fork", 2);
    const ObjectHandle imported = world.objects.function("post_fork", 2);
    world.objects.publish("deploy.hooks.post_fork", imported);
    Layers layers{.paste = paste_layer("post_fork = deploy.hooks.post_fork")};
    CHECK(resolve(layers, world.context()).settings.post_fork == HookValue{true, imported, 2});

    layers.config_file = {{"post_fork", function, config_line(3)},
                          {"secure_scheme_headers", Dict{{"X-SSL", "on"}}, config_line(4)}};
    const Resolution resolution = resolve(layers, world.context());
    CHECK(resolution.is_usable());
    CHECK(resolution.settings.post_fork.callable == function);
    CHECK(resolution.settings.secure_scheme_headers == RawValue(Dict{{"X-SSL", "on"}}));
    CHECK(resolution.settings.origin(SettingId::post_fork) == config_line(3));
}

TEST_CASE("a later assignment of the same source wins") {
    ConfigWorld world;
    const Resolution resolution =
        resolve({.config_file = {{"workers", 2, config_line(1)}, {"workers", 3, config_line(2)}}}, world.context());
    CHECK(resolution.settings.workers == 3);
    CHECK(resolution.settings.origin(SettingId::workers) == config_line(2));
}

TEST_CASE("three mistakes in three sources give three located diagnostics") {
    ConfigWorld world;
    Layers layers;
    layers.paste = paste_layer("timeout = soon");
    layers.config_file = {{"workers", -1, config_line(12)}};
    layers.command_line = command_line_layer({"app:app", "--backlog", "-2"});
    const Resolution resolution = resolve(layers, world.context());
    CHECK_FALSE(resolution.is_usable());
    const Diagnostics sorted = in_reading_order(resolution.diagnostics);
    REQUIRE(sorted.size() == 3);
    CHECK(to_string(sorted[0]) == "command line: error[GCF202]: backlog: must be a non-negative integer, not -2");
    CHECK(to_string(sorted[1]) == "gunicorn.conf.py:12: error[GCF202]: workers: must be a non-negative integer, not -1");
    CHECK(to_string(sorted[2]) == "dev.ini:2:11: error[GCF201]: timeout: must be a non-negative integer, not 'soon'");
}

TEST_CASE("a bad value that a stronger source replaces is still an error") {
    ConfigWorld world;
    const Resolution resolution =
        resolve({.config_file = {{"workers", "abc", config_line(1)}}, .command_line = command_line_layer({"-w", "4"})},
                world.context());
    CHECK(ids(resolution.diagnostics) == std::vector{DiagId::not_an_integer});
    CHECK(resolution.settings.workers == 4);
    CHECK_FALSE(resolution.history[resolution.history.size() - 2].accepted);
    CHECK(resolution.history.back().accepted);
}

TEST_CASE("a refused value leaves what was there and its origin") {
    ConfigWorld world;
    const Resolution resolution =
        resolve({.paste = paste_layer("workers = 7"), .config_file = {{"workers", -1, config_line(1)}}}, world.context());
    CHECK(resolution.settings.workers == 7);
    CHECK(winner(resolution, "workers") == SourceKind::paste);
}

TEST_CASE("a name that is no setting is an error with a suggestion") {
    ConfigWorld world;
    const Resolution resolution = resolve({.runtime = {{"wrokers", 1, config_line(1)}}}, world.context());
    REQUIRE(ids(resolution.diagnostics) == std::vector{DiagId::unknown_setting});
    CHECK(resolution.diagnostics[0].message == "is no setting");
    CHECK(resolution.diagnostics[0].help == "did you mean 'workers'?");
}

TEST_CASE("a value that asks for a missing feature is refused by name, one that does not passes") {
    ConfigWorld world;
    for (const Declaration& setting : declarations()) {
        if (setting.status != Status::not_yet) CHECK(setting.asks_for_feature == nullptr);
    }
    const Resolution asking = resolve({.config_file = {{"syslog", true, config_line(1)}}}, world.context());
    if (find_setting("syslog")->status == Status::not_yet) {
        REQUIRE(ids(asking.diagnostics) == std::vector{DiagId::not_supported_yet});
        CHECK(to_string(asking.diagnostics[0]) ==
              "gunicorn.conf.py:1: error[GCF214]: syslog: True is not supported yet");
    }
    CHECK(resolve({.config_file = {{"syslog", false, config_line(1)}}}, world.context()).diagnostics.empty());
}

TEST_CASE("an obsolete setting is a warning where it is set, and only there") {
    ConfigWorld world;
    for (const Declaration& setting : declarations()) {
        if (setting.status != Status::obsolete) continue;
        CAPTURE(setting.name);
        const RawValue value = setting.type == ValueType::any ? RawValue("x") : setting.default_value(world.context());
        const Layers layers{.config_file = {{std::string(setting.name), value, config_line(1)}}};
        const Resolution resolution = resolve(layers, world.context());
        CHECK(ids(resolution.diagnostics) == std::vector{DiagId::obsolete_setting});
        CHECK(resolution.is_usable());
    }
}

TEST_CASE("every setting starts with its default") {
    ConfigWorld world;
    const Resolution resolution = resolve(Layers{}, world.context());
    const Settings fresh;
    for (const Declaration& setting : declarations()) {
        CAPTURE(setting.name);
        const RawValue value = setting.default_value(world.context());
        Settings settings;
        if (!value.is_none()) REQUIRE(setting.set(settings, value, world.context()));
        CHECK(setting.get(resolution.settings) == setting.get(settings));
        CHECK(winner(resolution, setting.name) == SourceKind::defaults);
        // What Settings holds before anybody resolves is the same, but for the defaults that ask the world.
        const bool is_computed = setting.name == "user" || setting.name == "group" || setting.name == "chdir";
        if (!is_computed) CHECK(setting.get(fresh) == setting.get(settings));
    }
}

/// A value that no setting of the type takes.
RawValue bad_value(const Declaration& setting) {
    switch (setting.type) {
        case ValueType::integer: return setting.name == "user" || setting.name == "group" ? "no such account" : "abc";
        case ValueType::boolean: return "maybe";
        case ValueType::string: return setting.choices.empty() ? RawValue(List{"a"}) : RawValue("nonsense");
        case ValueType::string_list: return 7;
        case ValueType::dictionary: return "no dictionary";
        case ValueType::class_name: return 7;
        case ValueType::hook: return 7;
        case ValueType::any: return {};
    }
    return {};
}

TEST_CASE("every setting refuses a bad value, says where it stood, and keeps what it had") {
    ConfigWorld world;
    for (const Declaration& setting : declarations()) {
        CAPTURE(setting.name);
        if (setting.type == ValueType::any) {
            CHECK(setting.name == "ssl_version");  // takes anything: a rule judges it
            continue;
        }
        Settings settings;
        const RawValue before = setting.get(settings);
        CHECK_FALSE(setting.set(settings, bad_value(setting), world.context()));
        CHECK(setting.get(settings) == before);

        const Layer layer{{std::string(setting.name), bad_value(setting), config_line(5)}};
        const Resolution resolution = resolve({.config_file = layer}, world.context());
        const auto about_it = std::find_if(resolution.diagnostics.begin(), resolution.diagnostics.end(),
                                           [&](const Diagnostic& one) { return one.setting == setting.name; });
        REQUIRE(about_it != resolution.diagnostics.end());
        CHECK(about_it->severity == Severity::error);
        CHECK(about_it->origin == config_line(5));
    }
}

TEST_CASE("every declaration is found by its exact name and nothing else") {
    for (const Declaration& setting : declarations()) CHECK(find_setting(setting.name) == &declaration(setting.id));
    CHECK(find_setting("Workers") == nullptr);
    CHECK(find_setting("") == nullptr);
    CHECK(declarations().size() == kSettingCount);
}

}  // namespace
}  // namespace gunicorn::config
