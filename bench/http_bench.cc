// What the HTTP core costs, without sockets and Python. Memory is warm, as on a connection that has served before.

#define CATCH_CONFIG_MAIN
#define CATCH_CONFIG_ENABLE_BENCHMARKING
#include <catch2/catch.hpp>
#include <string>

#include "http/body_decoder.h"
#include "http/head_parser.h"

namespace gunicorn::http {
namespace {

/// A page that a browser asks for: 10 fields, 800 bytes.
std::string browser_request() {
    std::string bytes =
        "GET /articles/2026/11/how-servers-read-requests?page=2&sort=newest&filter=all HTTP/1.1\r\n"
        "Host: www.example.org\r\n"
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0\r\n"
        "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n"
        "Accept-Language: de-DE,de;q=0.9,en-US;q=0.7,en;q=0.5\r\n"
        "Accept-Encoding: gzip, deflate, br, zstd\r\n"
        "Referer: https://www.example.org/articles/2026/11/?page=1&sort=newest\r\n"
        "Connection: keep-alive\r\n"
        "Upgrade-Insecure-Requests: 1\r\n"
        "If-None-Match: \"5f2b-62d1c0ffee\"\r\n"
        "Cookie: session=";
    bytes.append(800 - bytes.size() - 4, 'a');
    return bytes + "\r\n\r\n";
}

std::string chunked_body() {
    std::string bytes;
    for (int i = 0; i < 64; ++i) bytes += "400\r\n" + std::string(1024, 'x') + "\r\n";
    return bytes + "0\r\n\r\n";
}

struct CountingSink final : BodySink {
    void append(std::string_view bytes) override { count += bytes.size(); }
    std::size_t count = 0;
};

TEST_CASE("HTTP core") {
    HeadParser parser({}, {});
    RequestHead head;

    const std::string browser = browser_request();
    REQUIRE(browser.size() == 800);
    BENCHMARK("browser, 10 fields, 800 B") {
        parser.reset();
        return parser.feed(browser, head)->complete;
    };
    REQUIRE(head.field_count() == 10);

    const std::string smallest = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    BENCHMARK("smallest head") {
        parser.reset();
        return parser.feed(smallest, head)->complete;
    };

    BENCHMARK("the same, byte by byte") {
        parser.reset();
        for (const char& byte : browser) static_cast<void>(parser.feed({&byte, 1}, head));
        return head.field_count();
    };
    REQUIRE(parser.feed({}, head)->complete);

    BodyDecoder decoder{Limits{}};
    CountingSink sink;
    const std::string body = chunked_body();
    BENCHMARK("64 chunks of 1 KiB") {
        decoder.start(Framing::chunked, 0);
        return decoder.feed(body, sink)->complete;
    };
    REQUIRE(decoder.is_complete());
}

}  // namespace
}  // namespace gunicorn::http
