#include "server/statsd/request_metrics.h"

#include <catch2/catch.hpp>

#include <map>

#include "base/text.h"

namespace gunicorn::server {
namespace {

using namespace std::chrono_literals;

struct KeptDatagrams final : DatagramSink {
    std::vector<std::string> all;
    void send(std::string_view datagram) noexcept override { all.emplace_back(datagram); }
};

/// What a statsd server makes of them: sums of counters by name, and how many durations there were.
struct Received {
    std::map<std::string, std::uint64_t> counters;
    std::uint64_t durations = 0;

    explicit Received(const KeptDatagrams& kept) {
        for (const std::string& datagram : kept.all) {
            for (const std::string_view line : text::split(datagram, '\n')) read(line);
        }
    }
    void read(std::string_view line) {
        const std::size_t colon = line.find(':');
        const std::size_t bar = line.find('|');
        REQUIRE(colon != std::string_view::npos);
        REQUIRE(bar != std::string_view::npos);
        if (line.substr(bar).starts_with("|ms")) {
            ++durations;
            return;
        }
        REQUIRE(line.substr(bar).starts_with("|c"));
        const auto value = text::parse_decimal(line.substr(colon + 1, bar - colon - 1));
        REQUIRE(value);
        counters[std::string(line.substr(0, colon))] += *value;
    }
};

TEST_CASE("one request is a duration, a request and a status, in one datagram") {
    KeptDatagrams kept;
    RequestMetrics metrics(StatsdFormat("shop", "env:eu"), kept, 1432);
    metrics.record(404, 1500us);
    CHECK(kept.all.empty());
    metrics.flush();
    REQUIRE(kept.all.size() == 1);
    CHECK(kept.all[0] ==
          "shop.gunicorn.request.duration:1.5|ms|#env:eu\n"
          "shop.gunicorn.requests:1|c|#env:eu\n"
          "shop.gunicorn.request.status.404:1|c|#env:eu");
    metrics.flush();
    CHECK(kept.all.size() == 1);
}

TEST_CASE("equal counters of a batch are summed, each duration is kept") {
    KeptDatagrams kept;
    RequestMetrics metrics(StatsdFormat("", ""), kept, 1432);
    for (const int status : {200, 500, 200, 200}) metrics.record(status, 1ms);
    metrics.flush();
    const Received received(kept);
    CHECK(received.durations == 4);
    CHECK(received.counters == std::map<std::string, std::uint64_t>{{"gunicorn.requests", 4},
                                                                    {"gunicorn.request.status.200", 3},
                                                                    {"gunicorn.request.status.500", 1}});
}

TEST_CASE("no datagram is longer than its bound, no line is cut, and nothing is lost, whatever the bound and the statuses") {
    for (const std::size_t bound : {100U, 150U, 512U, 1432U, 8192U}) {
        for (const int statuses : {1, 2, 40, 500}) {
            CAPTURE(bound, statuses);
            KeptDatagrams kept;
            RequestMetrics metrics(StatsdFormat("a.prefix.of.some.length", "t:1"), kept, bound);
            for (int i = 0; i < 1000; ++i) metrics.record(100 + i % statuses, std::chrono::microseconds(i * 977));
            metrics.flush();
            for (const std::string& one : kept.all) CHECK(one.size() <= bound);
            const Received received(kept);
            CHECK(received.durations == 1000);
            CHECK(received.counters.at("a.prefix.of.some.length.gunicorn.requests") == 1000);
            CHECK(received.counters.size() == static_cast<std::size_t>(statuses) + 1);
        }
    }
}

TEST_CASE("a line that is longer than the bound goes alone") {
    KeptDatagrams kept;
    const std::string prefix(300, 'p');
    RequestMetrics metrics(StatsdFormat(prefix, ""), kept, 200);
    metrics.record(200, 1ms);
    metrics.record(200, 1ms);
    metrics.flush();
    CHECK(Received(kept).durations == 2);
    for (const std::string& one : kept.all) CHECK(one.find('\n') == std::string::npos);
}

TEST_CASE("a full datagram is sent without waiting for the engine to sleep") {
    KeptDatagrams kept;
    RequestMetrics metrics(StatsdFormat("", ""), kept, 1432);
    for (int i = 0; i < 100; ++i) metrics.record(200, 1ms);
    CHECK(kept.all.size() >= 2);
    CHECK(Received(kept).counters.at("gunicorn.requests") == Received(kept).durations);
}

TEST_CASE("a batch that is not full waits for a moment while the engine sleeps, and no longer") {
    KeptDatagrams kept;
    RequestMetrics metrics(StatsdFormat("", ""), kept, 1432);
    const TimePoint start{1h};
    CHECK(metrics.on_sleep(start) == Duration::max());
    metrics.record(200, 1ms);
    CHECK(metrics.on_sleep(start) == RequestMetrics::kHold);
    metrics.record(200, 1ms);
    CHECK(metrics.on_sleep(start + RequestMetrics::kHold - 1ms) == 1ms);
    CHECK(kept.all.empty());
    CHECK(metrics.on_sleep(start + RequestMetrics::kHold) == Duration::max());
    CHECK(Received(kept).durations == 2);
    metrics.record(200, 1ms);
    CHECK(metrics.on_sleep(start + 5s) == RequestMetrics::kHold);
    CHECK(kept.all.size() == 1);
}

}  // namespace
}  // namespace gunicorn::server
