#include "config/setting_env_source.h"

#include <catch2/catch.hpp>

#include "config/resolver.h"

using namespace gunicorn;
using namespace gunicorn::config;

namespace {

Settings resolved(const Environment& environment) {
    SourceReading reading = SettingEnvironmentSource(environment).read();
    REQUIRE(reading.diagnostics.empty());
    Layers layers;
    layers.setting_environment = std::move(reading.assignments);
    ValidationContext context;
    context.environment = &environment;
    context.working_directory = "/";
    Resolution resolution = resolve(layers, context);
    REQUIRE(resolution.is_usable());
    return std::move(resolution.settings);
}

}  // namespace

TEST_CASE("a variable with the prefix sets the setting it names, whatever its type") {
    const Settings settings = resolved({{"GUNICORN_SETTING_WORKERS", "8"},
                                        {"GUNICORN_SETTING_PRELOAD_APP", "true"},
                                        {"GUNICORN_SETTING_BIND", "127.0.0.1:1, unix:/x"},
                                        {"GUNICORN_SETTING_FORWARDED_ALLOW_IPS", "10.0.0.0/8,::1"},
                                        {"GUNICORN_SETTING_UMASK", "0022"},
                                        {"GUNICORN_SETTING_PROC_NAME", "site"}});
    CHECK(settings.workers == 8);
    CHECK(settings.preload_app);
    CHECK(settings.bind == std::vector<std::string>{"127.0.0.1:1", "unix:/x"});
    CHECK(settings.forwarded_allow_ips == std::vector<std::string>{"10.0.0.0/8", "::1"});
    CHECK(settings.umask == 18);
    CHECK(settings.proc_name == "site");
    CHECK(settings.origin(SettingId::workers) == Origin{SourceKind::setting_environment, "GUNICORN_SETTING_WORKERS"});
}

TEST_CASE("a bad value names the variable") {
    const Environment environment{{"GUNICORN_SETTING_TIMEOUT", "soon"}};
    Layers layers;
    layers.setting_environment = SettingEnvironmentSource(environment).read().assignments;
    const Resolution resolution = resolve(layers, ValidationContext{.environment = &environment, .working_directory = "/"});
    REQUIRE(resolution.diagnostics.size() == 1);
    CHECK(resolution.diagnostics[0].id == DiagId::not_an_integer);
    CHECK(to_string(resolution.diagnostics[0].origin) == "environment variable GUNICORN_SETTING_TIMEOUT");
}

TEST_CASE("a variable with the prefix that names no setting is a warning with a suggestion; others are not ours") {
    const Environment environment{{"GUNICORN_SETTING_WROKERS", "8"}, {"GUNICORN_WORKERS", "abc"}, {"GUNICORN_TIMEOUT", "x"}};
    const SourceReading reading = SettingEnvironmentSource(environment).read();
    CHECK(reading.assignments.empty());
    REQUIRE(reading.diagnostics.size() == 1);
    CHECK(reading.diagnostics[0].severity == Severity::warning);
    CHECK(reading.diagnostics[0].help.find("GUNICORN_SETTING_WORKERS") != std::string::npos);
}

TEST_CASE("a variable with the name of an option or of another server is answered with the setting's own") {
    const Environment environment{{"GUNICORN_SETTING_ACCESS_LOGFILE", "-"}, {"GUNICORN_SETTING_NUM_PROCS", "8"}};
    const SourceReading reading = SettingEnvironmentSource(environment).read();
    REQUIRE(reading.diagnostics.size() == 2);
    CHECK(reading.diagnostics[0].help == "did you mean GUNICORN_SETTING_ACCESSLOG?");
    CHECK(reading.diagnostics[1].help == "did you mean GUNICORN_SETTING_WORKERS?");
}
