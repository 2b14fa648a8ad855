#include "http/authority.h"

#include <catch2/catch.hpp>

namespace gunicorn::test {

using http::is_same_authority;
using http::split_authority;

TEST_CASE("an authority is a host and maybe a port") {
    struct Row {
        const char* text;
        const char* host;
        const char* port;
    };
    const Row rows[] = {
        {"", "", ""},
        {"example.org", "example.org", ""},
        {"example.org:", "example.org", ""},
        {"example.org:80", "example.org", "80"},
        {"127.0.0.1:00080", "127.0.0.1", "00080"},
        {"%41_~!$&'()*+,;=", "%41_~!$&'()*+,;=", ""},
        {"[::]", "[::]", ""},
        {"[::1]:8000", "[::1]", "8000"},
        {"[1:2:3:4:5:6:7:8]", "[1:2:3:4:5:6:7:8]", ""},
        {"[1:2:3:4:5:6:7::]", "[1:2:3:4:5:6:7::]", ""},
        {"[::ffff:192.0.2.255]", "[::ffff:192.0.2.255]", ""},
        {"[1:2:3:4:5:6:0.0.0.0]", "[1:2:3:4:5:6:0.0.0.0]", ""},
        {"[v1.a:b]", "[v1.a:b]", ""},
    };
    for (const Row& row : rows) {
        INFO(row.text);
        const http::Authority split = split_authority(row.text);
        CHECK(split.is_valid);
        CHECK(split.host == row.host);
        CHECK(split.port == row.port);
    }
}

TEST_CASE("what is no authority is refused") {
    for (const char* text : {":80",
                             "a:8x",
                             "a:-1",
                             "a:1:2",
                             "a b",
                             "a/b",
                             "a?b",
                             "a#b",
                             "user@a",
                             "a\\b",
                             "a,b:x",
                             "%4",
                             "%4g",
                             "\xc3\xa9",
                             "[::1",
                             "::1]",
                             "[]",
                             "[::1]x",
                             "[::1]80",
                             "[::1]:x",
                             "[:]",
                             "[:::]",
                             "[1:]",
                             "[:1]",
                             "[1::2::3]",
                             "[1:2:3:4:5:6:7]",
                             "[1:2:3:4:5:6:7:8:9]",
                             "[::1:2:3:4:5:6:7:8]",
                             "[12345::]",
                             "[g::]",
                             "[::1%25eth0]",
                             "[1.2.3.4::]",
                             "[::1.2.3]",
                             "[::1.2.3.4.5]",
                             "[::1.2.3.256]",
                             "[::01.2.3.4]",
                             "[::1..2.3]",
                             "[1:2:3:4:5:6:7:1.2.3.4]",
                             "[v.a]",
                             "[v1.]",
                             "[v1]",
                             "[vg.a]"}) {
        INFO(text);
        CHECK_FALSE(split_authority(text).is_valid);
    }
}

TEST_CASE("authorities are the same in any case, and with the port of the scheme or without it") {
    const auto is_same = [](const char* a, const char* b, const char* scheme) {
        return is_same_authority(split_authority(a), split_authority(b), scheme);
    };
    CHECK(is_same("a.example", "A.Example", "http"));
    CHECK(is_same("a:80", "a", "http"));
    CHECK(is_same("a:", "a:443", "HTTPS"));
    CHECK(is_same("a:80", "a", "ws"));
    CHECK(is_same("a", "a", "other"));
    CHECK_FALSE(is_same("a:80", "a", "https"));
    CHECK_FALSE(is_same("a:80", "a", "other"));
    CHECK_FALSE(is_same("a", "b", "http"));
    CHECK_FALSE(is_same("a", "", "http"));
    CHECK_FALSE(is_same("a.", "a", "http"));
}

}  // namespace gunicorn::test
