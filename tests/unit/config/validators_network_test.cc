#include <catch2/catch.hpp>

#include "config/validators.h"

namespace gunicorn::config {
namespace {

using validators::Texts;

TEST_CASE("network_list accepts addresses, networks and the star, and keeps them as written") {
    const ValidationContext context;
    struct Case {
        const char* given;
        Texts kept;
    };
    const Case cases[] = {
        {"*", {"*"}},
        {"127.0.0.1,::1", {"127.0.0.1", "::1"}},
        {" 10.0.0.0/8 , *", {"10.0.0.0/8", "*"}},
        {"10.0.0.0/255.0.0.0", {"10.0.0.0/255.0.0.0"}},
        {"10.0.0.0/0.255.255.255", {"10.0.0.0/0.255.255.255"}},
        {"fe80::/10", {"fe80::/10"}},
        {"fe80::1%eth0", {"fe80::1%eth0"}},
        {"::ffff:1.2.3.4", {"::ffff:1.2.3.4"}},
        {"0.0.0.0/0", {"0.0.0.0/0"}},
        {"::/0", {"::/0"}},
        {"1.2.3.4/32", {"1.2.3.4/32"}},
        {"", {}},
    };
    for (const Case& one : cases) {
        CAPTURE(one.given);
        const auto judged = validators::network_list(one.given, context);
        REQUIRE(judged);
        CHECK(*judged == one.kept);
    }
    CHECK(validators::network_list({}, context)->empty());
}

TEST_CASE("network_list refuses host names, host bits and what is no address") {
    const ValidationContext context;
    for (const char* bad :
         {"localhost", "10.0.0.1/8", "fe80::1/10", "1.2.3", "256.1.1.1", "01.2.3.4", "10.0.0.0/33", "::/129", "10.0.0.0/",
          "10.0.0.0/a", "10.0.0.0/255.0.255.0", "::g", "127.0.0.1,localhost", "10.0.0.0/-1"}) {
        CAPTURE(bad);
        const auto judged = validators::network_list(bad, context);
        REQUIRE_FALSE(judged);
        CHECK(judged.error().id == DiagId::not_a_network);
    }
    CHECK(validators::network_list(List{"127.0.0.1"}, context).error().id == DiagId::not_a_string);
}

TEST_CASE("statsd_address is normalised to host and port or a path") {
    const ValidationContext context;
    struct Case {
        const char* given;
        const char* kept;
    };
    const Case cases[] = {
        {"localhost:8126", "localhost:8126"},
        {"LocalHost", "localhost:8125"},
        {"", "0.0.0.0:8125"},
        {"tcp://stats:1", "stats:1"},
        {"[::1]:9", "[::1]:9"},
        {"[::1]", "[::1]:8125"},
        {"unix:8125", "unix:8125"},
        {"unix:///run/statsd.sock", "unix:///run/statsd.sock"},
        {"unix:/run/statsd.sock", "unix:///run/statsd.sock"},
        {"unix:statsd.sock", "unix://statsd.sock"},
        {"host:1:2", "host:1"},
        {" host:1 ", "host:1"},
    };
    for (const Case& one : cases) {
        CAPTURE(one.given);
        const auto judged = validators::statsd_address(one.given, context);
        REQUIRE(judged);
        CHECK(judged->value() == one.kept);
    }
    CHECK(validators::statsd_address({}, context)->has_value() == false);
}

TEST_CASE("statsd_address refuses bad ports and what is no text") {
    const ValidationContext context;
    for (const char* bad : {"host:abc", "host:", "host:65536", "host:-1", "fd://3", "unix:", "unix://"}) {
        CAPTURE(bad);
        const auto judged = validators::statsd_address(bad, context);
        REQUIRE_FALSE(judged);
        CHECK(judged.error().id == DiagId::not_an_address);
    }
    CHECK(validators::statsd_address(8125, context).error().id == DiagId::not_a_string);
}

}  // namespace
}  // namespace gunicorn::config
