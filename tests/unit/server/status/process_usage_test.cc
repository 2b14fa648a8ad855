#include "server/status/process_usage.h"

#include <unistd.h>

#include <catch2/catch.hpp>

namespace gunicorn::server {
namespace {

TEST_CASE("a name with blanks and parentheses does not shift the fields of a process") {
    const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    const auto usage = parse_usage("100 7 3 1 0 9 0\n", "5 (a ) b (c) S 1 5 5 0 -1 4194304 9 0 0 0 30 12 0 0 20 0 1 0 99\n");
    REQUIRE(usage);
    CHECK(usage->resident_bytes == 7 * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
    CHECK(usage->cpu_seconds == Approx(42 / ticks));
}

TEST_CASE("texts that are cut short say nothing") {
    CHECK_FALSE(parse_usage("", "5 (x) S 1 5 5 0 -1 4194304 9 0 0 0 30 12 0"));
    CHECK_FALSE(parse_usage("100 7", "5 (x) S 1"));
    CHECK_FALSE(parse_usage("100 7", ""));
}

TEST_CASE("this process uses memory, and one that is not there nothing") {
    REQUIRE(usage_of(::getpid()));
    CHECK(usage_of(::getpid())->resident_bytes > 0);
    CHECK_FALSE(usage_of(::getpid(), "/nonexistent"));
}

}  // namespace
}  // namespace gunicorn::server
