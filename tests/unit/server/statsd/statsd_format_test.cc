#include "server/statsd/statsd_format.h"

#include <catch2/catch.hpp>

namespace gunicorn::server {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a prefix gets the dot that it lacks, and only one") {
    const std::pair<const char*, const char*> cases[] = {
        {"", "requests:1|c"},           {"shop", "shop.requests:1|c"},
        {"shop.", "shop.requests:1|c"}, {"shop...", "shop.requests:1|c"},
        {"s", "s.requests:1|c"},        {"shop.web", "shop.web.requests:1|c"},
        {"...", "requests:1|c"},        {"caf\xc3\xa9", "caf\xc3\xa9.requests:1|c"},
    };
    for (const auto& [prefix, line] : cases) {
        CAPTURE(prefix);
        CHECK(StatsdFormat(prefix, "").line("requests", 1, MetricType::counter) == line);
    }
}

TEST_CASE("each type has its code, and tags stand behind it") {
    const StatsdFormat plain("", "");
    CHECK(plain.line("a", 2, MetricType::counter) == "a:2|c");
    CHECK(plain.line("a", 2, MetricType::gauge) == "a:2|g");
    CHECK(plain.line("a", 2, MetricType::timer) == "a:2|ms");
    CHECK(plain.line("a", 2, MetricType::histogram) == "a:2|h");
    CHECK(StatsdFormat("p", "env:eu,tier:1").line("a", 0, MetricType::gauge) == "p.a:0|g|#env:eu,tier:1");
}

TEST_CASE("no prefix and no tag can end the line or the field that it stands in") {
    CHECK(StatsdFormat("a\nb:c|d", "").line("n", 1, MetricType::counter) == "a_b_c_d.n:1|c");
    CHECK(StatsdFormat("", "a:1\nfake:1|c,b\x7f").line("n", 1, MetricType::counter) == "n:1|c|#a:1_fake:1_c,b_");
    CHECK(StatsdFormat(std::string_view("a\0b", 3), "").head("n") == "a_b.n:");
}

TEST_CASE("milliseconds have as many digits as Python prints, and no sign") {
    const std::pair<Duration, const char*> cases[] = {
        {0ns, "0.0"},   {999ns, "0.0"},      {1us, "0.001"},
        {10us, "0.01"}, {412us, "0.412"},    {500us, "0.5"},
        {1ms, "1.0"},   {1050us, "1.05"},    {12s + 345678us, "12345.678"},
        {-3ms, "0.0"},  {24h, "86400000.0"},
    };
    for (const auto& [duration, text] : cases) {
        std::string out = ">";
        append_milliseconds(duration, out);
        CHECK(out == std::string(">") + text);
    }
}

}  // namespace
}  // namespace gunicorn::server
