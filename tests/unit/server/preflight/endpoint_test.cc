#include "server/preflight/endpoint.h"

#include <catch2/catch.hpp>

namespace gunicorn::server::preflight {
namespace {

Endpoint at(const char* host, std::uint16_t port) {
    auto address = resolve(Address::tcp(host, port));
    REQUIRE(address);
    return Endpoint::of(*address);
}

// What Linux answered to bind() and listen(), one after the other, with SO_REUSEADDR.
TEST_CASE("listening sockets exclude each other as the kernel says") {
    struct Case {
        const char* a;
        const char* b;
        Overlap expected;
    };
    const Case cases[] = {
        {"0.0.0.0", "127.0.0.1", Overlap::yes},
        {"127.0.0.1", "127.0.0.1", Overlap::yes},
        {"127.0.0.1", "127.0.0.2", Overlap::no},
        {"::", "0.0.0.0", Overlap::yes},
        {"::", "127.0.0.1", Overlap::yes},
        {"::", "::1", Overlap::yes},
        {"::1", "127.0.0.1", Overlap::no},
        {"::1", "0.0.0.0", Overlap::no},
        {"::ffff:127.0.0.1", "127.0.0.1", Overlap::yes},
        {"::ffff:127.0.0.1", "0.0.0.0", Overlap::yes},
        {"::ffff:0.0.0.0", "127.0.0.1", Overlap::yes},
        {"::ffff:0.0.0.0", "::1", Overlap::no},
    };
    for (const Case& one : cases) {
        CAPTURE(one.a, one.b);
        CHECK(overlap(at(one.a, 80), DualStack::yes, at(one.b, 80), DualStack::yes) == one.expected);
        CHECK(overlap(at(one.b, 80), DualStack::yes, at(one.a, 80), DualStack::yes) == one.expected);
        CHECK(overlap(at(one.a, 80), DualStack::yes, at(one.b, 81), DualStack::yes) == Overlap::no);
    }
}

TEST_CASE("an IPv6 wildcard that may be for IPv6 only perhaps excludes IPv4") {
    CHECK(overlap(at("0.0.0.0", 80), DualStack::yes, at("::", 80), DualStack::unknown) == Overlap::perhaps);
    CHECK(overlap(at("::", 80), DualStack::unknown, at("127.0.0.1", 80), DualStack::yes) == Overlap::perhaps);
    CHECK(overlap(at("::", 80), DualStack::no, at("127.0.0.1", 80), DualStack::yes) == Overlap::no);
    CHECK(overlap(at("::1", 80), DualStack::yes, at("::", 80), DualStack::unknown) == Overlap::yes);
}

TEST_CASE("port 0 excludes nothing") {
    CHECK(overlap(at("127.0.0.1", 0), DualStack::yes, at("127.0.0.1", 0), DualStack::yes) == Overlap::no);
}

TEST_CASE("endpoints are written as bind has them") {
    CHECK(to_string(at("127.0.0.1", 80)) == "127.0.0.1:80");
    CHECK(to_string(at("::1", 80)) == "[::1]:80");
}

}  // namespace
}  // namespace gunicorn::server::preflight
