#include "server/log/access_format.h"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <ctime>
#include <map>

#include "http/head_parser.h"
#include "http/limits.h"
#include "http/request_head.h"
#include "http/response_head.h"

namespace gunicorn::server {
namespace {

using namespace std::chrono_literals;
using gateway::AccessRecord;

constexpr const char* kDefault = R"(%(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s")";

struct Environ final : gateway::EnvironValues {
    std::map<std::string, std::string, std::less<>> values;
    bool append_environ_value(std::string_view lower_name, std::string& out) const override {
        const auto at = values.find(lower_name);
        if (at != values.end()) out += at->second;
        return at != values.end();
    }
};

/// A request and its answer, and the record of both.
struct Exchange {
    http::RequestHead request;
    http::ResponseHead response;
    Environ environ_values;
    AccessRecord record;

    explicit Exchange(const std::string& fields = {}) {
        ::setenv("TZ", "UTC", 1);
        http::HeadParser parser(http::Limits{}, http::ParsePolicy{});
        auto progress = parser.feed("GET /a/b?x=1 HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n", request);
        REQUIRE(progress);
        REQUIRE(progress->complete);
        record.remote_addr = "10.0.0.7";
        record.request_line = "GET /a/b?x=1 HTTP/1.1";
        record.method = "GET";
        record.target = "/a/b?x=1";
        record.path = "/a/b";
        record.query = "x=1";
        record.protocol = "HTTP/1.1";
        record.status = 200;
        record.bytes_sent = 12;
        record.duration = 3'045'678'901ns;
        record.pid = 77;
        record.timestamp = WallClock::time_point(1'795'326'608s);
        record.request = &request;
        record.response = &response;
        record.environ_values = &environ_values;
    }
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;

    std::string print(std::string_view format) const {
        auto compiled = AccessFormat::compile(format);
        INFO(format);
        REQUIRE(compiled);
        std::string line;
        compiled->print(record, line);
        return line;
    }
};

TEST_CASE("the default format") {
    Exchange exchange("User-Agent: curl/8\r\nReferer: http://x/\r\n");
    CHECK(exchange.print(kDefault) ==
          R"(10.0.0.7 - - [22/Nov/2026:05:50:08 +0000] "GET /a/b?x=1 HTTP/1.1" 200 12 "http://x/" "curl/8")");
}

TEST_CASE("every atom") {
    Exchange exchange("User-Agent: curl/8\r\nReferer: http://x/\r\nX-One: 1\r\n");
    REQUIRE(exchange.response.add("X-Two", "2"));
    exchange.environ_values.values["wsgi.url_scheme"] = "https";
    for (const auto& [atom, text] : std::map<std::string, std::string>{
             {"h", "10.0.0.7"},
             {"l", "-"},
             {"u", "-"},
             {"t", "[22/Nov/2026:05:50:08 +0000]"},
             {"r", "GET /a/b?x=1 HTTP/1.1"},
             {"m", "GET"},
             {"U", "/a/b"},
             {"q", "x=1"},
             {"H", "HTTP/1.1"},
             {"s", "200"},
             {"B", "12"},
             {"b", "12"},
             {"f", "http://x/"},
             {"a", "curl/8"},
             {"T", "3"},
             {"D", "3045678"},
             {"M", "3045"},
             {"L", "3.045678"},
             {"p", "<77>"},
             {"{x-one}i", "1"},
             {"{X-One}i", "1"},
             {"{x-none}i", "-"},
             {"{X-TWO}o", "2"},
             {"{x-none}o", "-"},
             {"{wsgi.url_scheme}e", "https"},
             {"{WSGI.URL_SCHEME}E", "https"},
             {"{none}e", "-"},
         }) {
        INFO(atom);
        CHECK(exchange.print("%(" + atom + ")s") == text);
    }
}

TEST_CASE("literal text stays, and %% is a percent sign") {
    Exchange exchange;
    CHECK(exchange.print("100%% [%(s)s]%%") == "100% [200]%");
    CHECK(exchange.print("nothing").compare("nothing") == 0);
    CHECK(exchange.print("").empty());
}

TEST_CASE("width, alignment and conversions, as Python has them") {
    Exchange exchange;
    CHECK(exchange.print("%(s)5s|") == "  200|");
    CHECK(exchange.print("%(s)-5s|") == "200  |");
    CHECK(exchange.print("%(s)2s|") == "200|");
    CHECK(exchange.print("%(s)05s|") == "  200|");
    CHECK(exchange.print("%(h).4s|") == "10.0|");
    CHECK(exchange.print("%(D)d %(B)i") == "3045678 12");
    CHECK(exchange.print("%(D)010d|") == "0003045678|");
    CHECK(exchange.print("%(T).2f %(T)f") == "3.00 3.000000");
}

TEST_CASE("the decimal seconds have six digits") {
    Exchange exchange;
    exchange.record.duration = 1us;
    CHECK(exchange.print("%(L)s %(T)s %(D)s %(M)s") == "0.000001 0 1 0");
}

TEST_CASE("the user of basic authentication") {
    for (const auto& [field, user] : std::map<std::string, std::string>{
             {"Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin"},
             {"bAsIc QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin"},
             {"Basic Ym9i", "bob"},        // no password
             {"Basic OnNlY3JldA==", "-"},  // no user
             {"Basic", "-"},
             {"Basic Q", "-"},
             {"Bearer QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "-"},
             {"Basic YSAiLSIgLQo6eA==", R"(a \"-\" -\x0a)"},  // a forged one: 'a "-" -\n'
         }) {
        INFO(field);
        Exchange exchange("Authorization: " + field + "\r\n");
        CHECK(exchange.print("%(u)s") == user);
    }
}

TEST_CASE("of a header that came twice the last value is logged") {
    Exchange exchange("X-One: 1\r\nX-One: 2\r\n");
    CHECK(exchange.print("%({x-one}i)s") == "2");
}

TEST_CASE("nobody forges a line") {
    Exchange exchange("User-Agent: x\" 200 0 \"-\" \"y\\\r\nReferer: a\tb\x80\xff\r\n");
    exchange.record.path = "/a\n10.0.0.1 - - \"GET / HTTP/1.1\"\r\x00z\x7f";
    exchange.record.query = "\x1b[2J";
    exchange.record.request_line = "GET /\" HTTP/1.1";
    exchange.record.remote_addr = "1.2.3.4\n";
    exchange.environ_values.values["x"] = "\"\n";
    CHECK(exchange.print("%(a)s") == R"(x\" 200 0 \"-\" \"y\\)");
    CHECK(exchange.print("%(f)s") == R"(a\x09b\x80\xff)");
    CHECK(exchange.print("%(U)s") == R"(/a\x0a10.0.0.1 - - \"GET / HTTP/1.1\"\x0d)");
    CHECK(exchange.print("%(q)s") == R"(\x1b[2J)");
    CHECK(exchange.print("%(r)s") == R"(GET /\" HTTP/1.1)");
    CHECK(exchange.print("%(h)s") == R"(1.2.3.4\x0a)");
    CHECK(exchange.print("%({x}e)s") == R"(\"\x0a)");
}

TEST_CASE("escaping keeps NUL, DEL and everything outside ASCII visible") {
    std::string out;
    append_escaped(std::string_view("a\0\x7f\xc3\xa9z", 6), out);
    CHECK(out == R"(a\x00\x7f\xc3\xa9z)");
}

TEST_CASE("a request that could not be read leaves dashes") {
    Exchange exchange;
    AccessRecord record;
    record.status = 400;
    record.pid = 1;
    exchange.record = record;
    CHECK(
        exchange.print(R"(%(h)s %(u)s "%(r)s" %(m)s %(U)s %(H)s %(s)s %(b)s "%(f)s" "%(a)s" %({x}i)s %({x}o)s %({x}e)s)") ==
        R"(- - "-" - - - 400 0 "-" "-" - - -)");
}

TEST_CASE("on a unix socket the remote address is empty, as in Gunicorn") {
    Exchange exchange;
    exchange.record.remote_addr = "";
    CHECK(exchange.print("[%(h)s]") == "[]");
}

TEST_CASE("formats that cannot work say why") {
    struct Case {
        const char* format;
        const char* message;
    };
    for (const Case& c : {
             Case{"%(status)s", "%(status)s is no atom of the access log; did you mean %(s)s?"},
             Case{"%(user_agnt)s", "%(user_agnt)s is no atom of the access log; did you mean %(a)s?"},
             Case{"%({x-y})s",
                  "%({x-y})s is no atom of the access log; did you mean %({x-y}i)s, the request header, %({x-y}o)s or "
                  "%({x-y}e)s?"},
             Case{"%(z)s",
                  "%(z)s is no atom of the access log; the atoms are h l u t r m U q H s B b f a T D M L p {header}i "
                  "{header}o "
                  "{variable}e"},
             Case{"%()s",
                  "%()s is no atom of the access log; the atoms are h l u t r m U q H s B b f a T D M L p {header}i "
                  "{header}o "
                  "{variable}e"},
             Case{"%h", "%h: an atom is written %(name)s, a percent sign %%"},
             Case{"50%", "ends with a single %; a percent sign is written %%"},
             Case{"%(h", "%(h: the \"(\" is not closed"},
             Case{"%(h)", "%(h) ends without a conversion; write %(h)s"},
             Case{"%(h)5", "%(h) ends without a conversion; write %(h)s"},
             Case{"%(h)d", "%(h)d: h is text; write %(h)s"},
             Case{"%(s)d", "%(s)d: s is text; write %(s)s"},
             Case{"%(h)q", "%(h)q is not possible here; write %(h)s"},
             Case{"%(D)+d", "%(D)d is not possible here; write %(D)s"},
         }) {
        INFO(c.format);
        auto compiled = AccessFormat::compile(c.format);
        REQUIRE_FALSE(compiled);
        CHECK(compiled.error().message == c.message);
    }
}

TEST_CASE("names that are no atoms can be dashes, as in Gunicorn") {
    Exchange exchange;
    auto compiled = AccessFormat::compile("%(status)s %({x})s %(s)s", UnknownAtoms::print_dash);
    REQUIRE(compiled);
    std::string line;
    compiled->print(exchange.record, line);
    CHECK(line == "- - 200");
    CHECK_FALSE(AccessFormat::compile("%(s)d", UnknownAtoms::print_dash));
}

TEST_CASE("the variables of the environ that a format needs are known beforehand") {
    auto compiled = AccessFormat::compile("%({REMOTE_USER}e)s %(h)s %({x}i)s %({wsgi.version}e)s");
    REQUIRE(compiled);
    CHECK(compiled->environ_names() == std::vector<std::string>{"remote_user", "wsgi.version"});
}

TEST_CASE("a line of JSON has every field, and null for what is not known") {
    Exchange exchange("User-Agent: \"a\"\xff\r\nAuthorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n");
    exchange.record.path = "/\xc3\xa4\n";
    CHECK(exchange.print("json") ==
          R"({"time":"2026-11-22T05:50:08.000000+00:00","remote_addr":"10.0.0.7","user":"Aladdin","method":"GET",)"
          R"("target":"/a/b?x=1","path":"/\u00e4\n","query":"x=1","protocol":"HTTP/1.1","status":200,"bytes":12,)"
          R"("duration":3.045678,"referer":null,"user_agent":"\"a\"\ufffd","pid":77})");
    AccessRecord refused;
    refused.status = 400;
    refused.pid = 1;
    exchange.record = refused;
    CHECK(exchange.print("json") ==
          R"({"time":"1970-01-01T00:00:00.000000+00:00","remote_addr":"-","user":null,"method":null,)"
          R"("target":null,"path":null,"query":null,"protocol":null,"status":400,"bytes":0,)"
          R"("duration":0.000000,"referer":null,"user_agent":null,"pid":1})");
}

TEST_CASE("a compiled format copies") {
    Exchange exchange;
    auto compiled = AccessFormat::compile("%(h)s");
    REQUIRE(compiled);
    const AccessFormat copy = *compiled;
    std::string line;
    copy.print(exchange.record, line);
    CHECK(line == "10.0.0.7");
}

}  // namespace
}  // namespace gunicorn::server
