#include "config/diagnostic_report.h"
#include "config/report.h"

#include <catch2/catch.hpp>

#include "config/resolver.h"
#include "support/config_world.h"

namespace gunicorn::config {
namespace {

using test::ConfigWorld;

std::string line_of(const std::string& report, const std::string& setting) {
    const std::size_t start = ("\n" + report).find("\n" + setting + " ");
    if (start == std::string::npos) return "no line";
    std::string line = report.substr(start, report.find('\n', start) - start);
    return line.substr(line.find(" = ") + 3);
}

std::string printed(ConfigWorld& world, const Layer& layer) {
    const Resolution resolution = resolve({.config_file = layer}, world.context());
    return print_config(resolution.settings, &world.objects);
}

TEST_CASE("print_config is a sorted line a setting, the names padded to the longest") {
    ConfigWorld world;
    const std::string report = printed(world, {});
    CHECK(report.rfind("access_log_format                  = %(h)s", 0) == 0);
    std::size_t lines = 0;
    std::string_view previous;
    for (std::size_t at = 0; at < report.size(); ++lines) {
        const std::size_t end = report.find('\n', at);
        const std::string_view line = std::string_view(report).substr(at, end - at);
        CHECK(line.find(" = ") == report.find(" = "));
        CHECK(previous < line);
        previous = line;
        at = end + 1;
    }
    CHECK(lines == kSettingCount);
}

TEST_CASE("values are shown as Gunicorn shows them") {
    ConfigWorld world;
    const ObjectHandle hook = world.objects.function("post_fork", 2);
    const ObjectHandle worker = world.objects.a_class("MyWorker");
    const std::string report = printed(world, {{"post_fork", hook, {}},
                                               {"worker_class", worker, {}},
                                               {"bind", List{"a:1", "b:2"}, {}},
                                               {"proc_name", "two words", {}},
                                               {"daemon", true, {}}});
    CHECK(line_of(report, "post_fork") == "<__config__.post_fork()>");
    CHECK(line_of(report, "pre_fork") == "<Prefork.pre_fork()>");
    CHECK(line_of(report, "on_starting") == "<OnStarting.on_starting()>");
    CHECK(line_of(report, "nworkers_changed") == "<NumWorkersChanged.nworkers_changed()>");
    CHECK(line_of(report, "worker_class") == "<__config__.MyWorker()>");
    CHECK(line_of(report, "bind") == "['a:1', 'b:2']");
    CHECK(line_of(report, "proc_name") == "two words");
    CHECK(line_of(report, "pidfile") == "None");
    CHECK(line_of(report, "workers") == "1");
    CHECK(line_of(report, "user") == "1000");
    CHECK(line_of(report, "secure_scheme_headers") ==
          "{'X-FORWARDED-PROTOCOL': 'ssl', 'X-FORWARDED-PROTO': 'https', 'X-FORWARDED-SSL': 'on'}");
}

TEST_CASE("secrets are redacted where somebody set them") {
    ConfigWorld world;
    Origin origin{.kind = SourceKind::config_file, .name = "conf.py", .line = 1};
    const std::string report = printed(world, {{"raw_env", List{"DB_PASSWORD=hunter2"}, origin}});
    CHECK(find_setting("raw_env")->secret);
    CHECK(line_of(report, "raw_env") == "[redacted]");
    CHECK(report.find("hunter2") == std::string::npos);
    CHECK(line_of(printed(world, {}), "raw_env") == "[]");
}

TEST_CASE("a mistake among secrets does not tell them") {
    ConfigWorld world;
    const Layer layer{{"raw_env", List{"DB_PASSWORD=hunter2", 3}, {}}};
    const Resolution resolution = resolve({.config_file = layer}, world.context());
    CHECK_FALSE(resolution.is_usable());
    CHECK(format_diagnostics(resolution.diagnostics, {}, {}).find("hunter2") == std::string::npos);
}

}  // namespace
}  // namespace gunicorn::config
