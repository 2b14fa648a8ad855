#include "server/worker/request_counters.h"

#include <memory>

#include <catch2/catch.hpp>

namespace gunicorn::server {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("a request counts by its status, its duration and the bytes of its body") {
    const auto counters = std::make_unique<RequestCounters>();
    counters->record(200, milliseconds(3), 10);
    counters->record(200, milliseconds(4), 20);
    counters->record(499, seconds(61), 0);
    const RequestTotals totals = counters->totals();
    CHECK(totals.requests() == 3);
    CHECK(totals.by_status[100] == 2);
    CHECK(totals.by_status[399] == 1);
    CHECK(totals.by_duration[2] == 2);
    CHECK(totals.by_duration.back() == 1);
    CHECK(totals.duration == seconds(61) + milliseconds(7));
    CHECK(totals.bytes_sent == 30);
}

TEST_CASE("a bucket has what is as long as its bound") {
    const auto counters = std::make_unique<RequestCounters>();
    counters->record(200, microseconds(1000), 0);
    counters->record(200, microseconds(1000) + Duration(1), 0);
    counters->record(200, Duration(0), 0);
    CHECK(counters->totals().by_duration[0] == 2);
    CHECK(counters->totals().by_duration[1] == 1);
}

TEST_CASE("what is no status counts as the last one") {
    const auto counters = std::make_unique<RequestCounters>();
    for (const int status : {0, -1, 99, 600, 1000000}) counters->record(status, Duration(0), 0);
    CHECK(counters->totals().by_status.back() == 5);
}

TEST_CASE("totals of several workers add up, and start anew when they are cleared") {
    const auto counters = std::make_unique<RequestCounters>();
    counters->record(404, milliseconds(1), 5);
    RequestTotals sum = counters->totals();
    sum += counters->totals();
    CHECK(sum.by_status[304] == 2);
    CHECK(sum.by_duration[0] == 2);
    CHECK(sum.duration == milliseconds(2));
    CHECK(sum.bytes_sent == 10);
    counters->clear();
    CHECK(counters->totals().requests() == 0);
    CHECK(counters->totals().duration == Duration(0));
}

}  // namespace
}  // namespace gunicorn::server
