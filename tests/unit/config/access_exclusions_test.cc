#include "config/access_exclusions.h"

#include <catch2/catch.hpp>

#include "config/value.h"

namespace gunicorn::config {
namespace {

bool excludes(const std::string& entry, std::string_view path, int status) {
    const auto compiled = AccessExclusions::compile({entry});
    INFO(entry << " " << path << " " << status);
    REQUIRE(compiled);
    return compiled->has(path, status);
}

TEST_CASE("an entry of access_log_exclude is a pattern and statuses") {
    CHECK(excludes("/healthz", "/healthz", 200));
    CHECK(excludes("/healthz", "/healthz", 500));
    CHECK_FALSE(excludes("/healthz", "/healthz/", 200));
    CHECK_FALSE(excludes("/healthz", "/", 200));
    CHECK(excludes("/healthz 2xx", "/healthz", 204));
    CHECK(excludes("/healthz 2XX 304", "/healthz", 304));
    CHECK_FALSE(excludes("/healthz  2xx\t304 ", "/healthz", 303));
    CHECK(excludes("* 404", "/anything/at all", 404));
    CHECK_FALSE(excludes("* 404", "/", 599));
    CHECK(excludes("*", "", 400));  // a request that could not be read has no path
    CHECK_FALSE(excludes("/", "", 400));
}

TEST_CASE("a star stands for anything, slashes as well, a question mark for one byte") {
    CHECK(excludes("/static/*", "/static/", 200));
    CHECK(excludes("/static/*", "/static/a/b.css", 200));
    CHECK_FALSE(excludes("/static/*", "/static", 200));
    CHECK(excludes("*.ico", "/a/favicon.ico", 200));
    CHECK(excludes("/a*b*c", "/a-b-b-c", 200));
    CHECK_FALSE(excludes("/a*b*c", "/a-b-b-", 200));
    CHECK(excludes("/a**", "/a", 200));
    CHECK(excludes("/v?/ping", "/v2/ping", 200));
    CHECK_FALSE(excludes("/v?/ping", "/v/ping", 200));
    CHECK_FALSE(excludes("/[ab]", "/a", 200));  // no other letter is special
}

TEST_CASE("a long path against many stars does not take long") {
    CHECK_FALSE(excludes("*a*a*a*a*a*a*a*a*b", "/" + std::string(60'000, 'a'), 200));
}

TEST_CASE("an entry that cannot be used is told, with what to write instead") {
    struct Case {
        std::string entry;
        std::string message;
        std::string help;
    };
    for (const Case& c : {
             Case{"", "has no pattern", "a pattern is a path"},
             Case{"healthz", "must begin with / or *", "did you mean '/healthz'?"},
             Case{"404", "must begin with / or *", "write '* 404'"},
             Case{"/a abc", "is no status", "4xx"},
             Case{"/a 2x", "is no status", "4xx"},
             Case{"/a 600", "is no status", "4xx"},
             Case{"/a 99", "is no status", "4xx"},
             Case{"/a 2xx,3xx", "is no status", "blanks between"},
             Case{"/a 1e2", "is no status", "4xx"},
         }) {
        const auto compiled = AccessExclusions::compile({"/fine", c.entry});
        INFO(c.entry);
        REQUIRE_FALSE(compiled);
        CHECK(compiled.error().id == DiagId::bad_log_exclusion);
        CHECK(compiled.error().message.find("item 2") == 0);
        CHECK(compiled.error().message.find(c.message) != std::string::npos);
        CHECK(compiled.error().help.find(c.help) != std::string::npos);
    }
}

}  // namespace
}  // namespace gunicorn::config
