#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <string_view>

#include "http/characters.h"

namespace gunicorn::test {

/// The bytes that a text of tests/corpus/http stands for; the README.md there and in smuggling has the escapes.
inline std::string unescape(std::string_view s) {
    std::string out;
    for (std::size_t i = 0; i < s.size(); ++i) {
        if (s[i] != '\\') {
            out += s[i];
            continue;
        }
        REQUIRE(++i < s.size());
        switch (s[i]) {
            case 'r': out += '\r'; break;
            case 'n': out += '\n'; break;
            case 't': out += '\t'; break;
            case '\\': out += '\\'; break;
            case 'p': out += "POST /p HTTP/1.1\r\nHost: h\r\n"; break;
            case 'g': out += "GET /g HTTP/1.1\r\nHost: h\r\n"; break;
            case 'x':
                REQUIRE(i + 2 < s.size());
                out += static_cast<char>(http::hex_digit(s[i + 1]) * 16 + http::hex_digit(s[i + 2]));
                i += 2;
                break;
            case '{': {
                const std::size_t star = s.find('*', i);
                const std::size_t end = s.find('}', i);
                REQUIRE(star < end);
                REQUIRE(end < s.size());
                const std::string once = unescape(s.substr(star + 1, end - star - 1));
                for (int count = std::stoi(std::string(s.substr(i + 1, star - i - 1))); count > 0; --count) out += once;
                i = end;
                break;
            }
            default: FAIL("unknown escape \\" << s[i]);
        }
    }
    return out;
}

}  // namespace gunicorn::test
