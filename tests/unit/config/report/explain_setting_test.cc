#include "config/report/explain_setting.h"

#include <catch2/catch.hpp>

#include "base/diagnostic.h"
#include "config/registry.h"
#include "support/config_world.h"

namespace gunicorn::config {
namespace {

using test::ConfigWorld;

std::string page_of(std::string_view name) {
    const auto page = explain_setting(name, nullptr, nullptr, Secrets::hidden);
    return page ? *page : "error: " + page.error();
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST_CASE("a setting is explained with type, default, its names in every source, and what a reload does") {
    const std::string page = page_of("workers");
    INFO(page);
    CHECK(page.starts_with("workers (Worker Processes)\n\n"));
    CHECK(has(page, declaration(SettingId::workers).description));
    CHECK(has(page, "\n  Command line  `-w INT`, `--workers INT`\n"));
    CHECK(has(page, "\n  Type          integer, 0 or more, or `auto`\n"));
    CHECK(has(page, "\n  Default       `1`; `$WEB_CONCURRENCY` when that variable is set\n"));
    CHECK(has(page, "\n  On reload     takes effect"));
    CHECK(has(page, "\n  Since         0.17.2\n"));
    CHECK(has(page, "\n  Config file   workers\n"));
    CHECK(has(page, "\n  Environment   GUNICORN_SETTING_WORKERS\n"));
    CHECK_FALSE(has(page, "\nNow "));
}

TEST_CASE("ranges, choices and signatures are part of the explanation") {
    CHECK(has(page_of("http2_max_frame_size"), "integer from 16384 to 16777215"));
    CHECK(has(page_of("cert_reqs"), "integer from 0 to 2"));
    CHECK(has(page_of("header_map"), "one of `drop`, `refuse`, `dangerous`"));
    CHECK(has(page_of("post_fork"), "Signature     `def post_fork(server, worker)`"));
    CHECK(has(page_of("raw_env"), "Secret        shown redacted"));
}

TEST_CASE("every setting has a page of whole lines") {
    for (const Declaration& setting : declarations()) {
        const std::string page = page_of(setting.name);
        CHECK(page.starts_with(std::string(setting.name) + " ("));
        CHECK(page.ends_with("\n"));
        CHECK(has(page, "\n  Default "));
    }
}

TEST_CASE("a name that certainly means a setting is understood") {
    for (const std::string_view name : {"--log-level", "LOGLEVEL", "log_level", " loglevel "}) {
        CHECK(page_of(name).starts_with("loglevel ("));
    }
}

TEST_CASE("an unknown setting is a sentence with what may be meant") {
    CHECK(page_of("wrokers") == "error: 'wrokers' is no setting; did you mean 'workers'?");
    CHECK(page_of("zzzzzzzz") == "error: 'zzzzzzzz' is no setting");
    CHECK(page_of("--") == "error: '--' is no setting");
    CHECK(page_of("") == "error: '' is no setting");
    CHECK(page_of("\x1b[2J") == "error: '\\x1b[2J' is no setting");
    CHECK(page_of(removed_settings().front().name).starts_with("error: "));
}

TEST_CASE("with a resolution the page says the value, where it is set, and what it replaced") {
    ConfigWorld world;
    Origin origin{.kind = SourceKind::config_file, .name = "conf.py", .line = 14, .column = 11, .variables = {"N"}};
    const Layers layers{.config_file = {{"workers", 2, Origin{.kind = SourceKind::config_file, .name = "conf.py", .line = 3}},
                                        {"workers", 4, origin},
                                        {"raw_env", List{"PASSWORD=hunter2"}, origin}},
                        .command_line = {{"workers", "x", Origin{.kind = SourceKind::command_line, .position = 1}}}};
    const Resolution resolution = resolve(layers, world.context());
    const auto page = explain_setting("workers", &resolution, &world.objects, Secrets::hidden);
    REQUIRE(page);
    CHECK(has(*page,
              "\nNow 4, from conf.py:14:11 <- $N\n"
              "  refused command line, argument 1: 'x'\n"
              "  replaces conf.py:3: 2\n"
              "  replaces default: 1\n"));
    const auto secret = explain_setting("raw_env", &resolution, &world.objects, Secrets::hidden);
    REQUIRE(secret);
    CHECK(has(*secret, "\nNow ['PASSWORD=[redacted]'], from conf.py:14:11"));
    CHECK_FALSE(has(*secret, "hunter2"));
}

TEST_CASE("a code is explained by its page") {
    const DiagKind& kind = kind_of(DiagId::unknown_name);
    const auto page = explain_code(kind.code);
    REQUIRE(page);
    CHECK(page->starts_with(std::string(kind.code) + " unknown-name (warning): " + std::string(kind.title) + "\n\n"));
    CHECK(has(*page, kind.description.substr(0, 20)));
    CHECK(*explain_code("unknown-name") == *page);
    CHECK(*explain_code("gcf101") == *explain_code("GCF101"));
}

TEST_CASE("an unknown code is a sentence with what may be meant") {
    const auto near = explain_code("unknown-nam");
    REQUIRE_FALSE(near);
    CHECK(near.error() == "'unknown-nam' is no code of a finding; did you mean 'unknown-name'?");
    CHECK_FALSE(explain_code(""));
    CHECK(explain_code("\x1b").error() == "'\\x1b' is no code of a finding");
}

}  // namespace
}  // namespace gunicorn::config
