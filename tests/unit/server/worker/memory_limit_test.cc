#include "server/worker/memory_limit.h"

#include <catch2/catch.hpp>

namespace gunicorn::server {
namespace {

using namespace std::chrono_literals;

TEST_CASE("without a limit nothing exceeds it") {
    auto limit = MemoryLimit::create(0);
    REQUIRE(limit);
    CHECK_FALSE(limit->is_set());
    limit->on_response();
    CHECK(limit->exceeded(TimePoint(1h)) == std::nullopt);
}

TEST_CASE("a process larger than its limit is found after a request, and not looked at again at once") {
    auto limit = MemoryLimit::create(1);
    REQUIRE(limit);
    CHECK(limit->exceeded(TimePoint(1h)) == std::nullopt);
    limit->on_response();
    CHECK(limit->exceeded(TimePoint(1h)) == limit->resident());
    limit->on_response();
    CHECK(limit->exceeded(TimePoint(1h + 50ms)) == std::nullopt);
    CHECK(limit->exceeded(TimePoint(1h + 100ms)) == limit->resident());
    CHECK(limit->exceeded(TimePoint(2h)) == std::nullopt);
}

TEST_CASE("a process within its limit does not exceed it") {
    auto limit = MemoryLimit::create(1U << 20U);
    REQUIRE(limit);
    limit->on_response();
    CHECK(limit->resident() > 0);
    CHECK(limit->exceeded(TimePoint(1h)) == std::nullopt);
}

}  // namespace
}  // namespace gunicorn::server
