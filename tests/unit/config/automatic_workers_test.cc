#include "config/automatic_workers.h"

#include <catch2/catch.hpp>

#include "support/config_world.h"

namespace gunicorn::config {
namespace {

using test::ConfigWorld;

Resolution resolve_file(ConfigWorld& world, const RawValue& workers, const RuleFacts& facts) {
    Layers layers;
    layers.config_file.push_back({"workers", workers, {.kind = SourceKind::config_file, .name = "conf.py", .line = 1}});
    ValidationContext context = world.context();
    context.facts = &facts;
    return resolve(layers, context);
}

TEST_CASE("auto is two workers for each usable processor and one") {
    CHECK(automatic_workers({.cpu_affinity = 4}) == 9);
    CHECK(automatic_workers({.cpu_quota = 2, .cpu_affinity = 64}) == 5);
    CHECK(automatic_workers({.cpu_quota = 8, .cpu_affinity = 2}) == 5);
    CHECK(automatic_workers({.cpu_quota = 1, .cpu_affinity = 64}) == 3);
    CHECK(automatic_workers({.cpu_quota = 3}) == 7);
}

TEST_CASE("auto where nothing is known is for one processor") { CHECK(automatic_workers({}) == 3); }

TEST_CASE("auto in any case and in white space is a number of workers") {
    for (const char* const word : {"auto", "AUTO", " Auto "}) {
        ConfigWorld world;
        const RuleFacts facts{.cpu_quota = 2, .cpu_affinity = 64};
        const Resolution resolution = resolve_file(world, word, facts);
        CHECK(resolution.is_usable());
        CHECK(resolution.settings.workers == 5);
        CHECK(explain_automatic_workers(resolution, facts) == "auto: 5 (2 x 2 processors + 1; quota of the control group)");
    }
}

TEST_CASE("the explanation names what decides") {
    ConfigWorld world;
    const Resolution resolution = resolve_file(world, "auto", {});
    CHECK(explain_automatic_workers(resolution, {.cpu_quota = 4, .cpu_affinity = 1}) ==
          "auto: 3 (2 x 1 processor + 1; affinity of the process)");
    CHECK(explain_automatic_workers(resolution, {}) == "auto: 3 (2 x 1 processor + 1; nothing is known of this host)");
}

TEST_CASE("a number needs no explanation") {
    ConfigWorld world;
    CHECK(explain_automatic_workers(resolve_file(world, 4, {}), {}).empty());
    CHECK(explain_automatic_workers(resolve_file(world, "4", {}), {}).empty());
    CHECK(explain_automatic_workers(resolve(Layers{}, world.context()), {}).empty());
}

TEST_CASE("other words are no number of workers") {
    ConfigWorld world;
    for (const char* const word : {"automatic", "", "many"}) {
        const Resolution resolution = resolve_file(world, word, {});
        REQUIRE(resolution.diagnostics.size() == 1);
        CHECK(resolution.diagnostics[0].id == DiagId::not_an_integer);
    }
}

}  // namespace
}  // namespace gunicorn::config
