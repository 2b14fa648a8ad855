#include "config/simulation.h"

#include <catch2/catch.hpp>

namespace gunicorn::config {
namespace {

TEST_CASE("facts of another host are NAME=VALUE") {
    const auto all = parse_simulation("cpus=4, user=www-data,hostname=web1,env=prod.env");
    REQUIRE(all);
    CHECK(all->cpus == 4);
    CHECK(all->user == "www-data");
    CHECK(all->hostname == "web1");
    CHECK(all->env_file == "prod.env");
    CHECK_FALSE(parse_simulation("user=x")->cpus);
    for (const char* bad : {"", "cpus", "cpus=", "cpus=0", "cpus=many", "memory=3", "cpus=4,,user=x"}) {
        CAPTURE(bad);
        CHECK_FALSE(parse_simulation(bad));
    }
}

TEST_CASE("of our environment only what programs need to run is kept") {
    const Environment kept = bare_environment({{"PATH", "/bin"}, {"PYTHONPATH", "/x"}, {"LC_ALL", "C"}, {"WEB_CONCURRENCY", "9"}, {"PORT", "1"}});
    CHECK(kept == Environment{{"LC_ALL", "C"}, {"PATH", "/bin"}, {"PYTHONPATH", "/x"}});
}

}  // namespace
}  // namespace gunicorn::config
