#include "base/json_text.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace gunicorn {
namespace {

std::string json_of(std::string_view bytes) {
    std::string out = "{";
    append_json_text(bytes, out);
    return out.substr(1);
}

TEST_CASE("a JSON text is ASCII without controls, whatever the bytes") {
    CHECK(json_of("") == R"("")");
    CHECK(json_of("/a b?c=d") == R"("/a b?c=d")");
    CHECK(json_of("\"\\") == R"("\"\\")");
    CHECK(json_of("a\n\r\tb") == R"("a\n\r\tb")");
    CHECK(json_of(std::string_view("\0\x1b\x7f", 3)) == R"("\u0000\u001b\u007f")");
    CHECK(json_of("\xc3\xa4\xe2\x82\xac") == R"("\u00e4\u20ac")");
    CHECK(json_of("\xf0\x9f\x98\x80") == R"("\ud83d\ude00")");  // a pair of UTF-16
    CHECK(json_of("\xc2\x85\xe2\x80\xa8") == R"("\u0085\u2028")");
}

TEST_CASE("bytes that are no UTF-8 become the replacement character, one each") {
    CHECK(json_of("a\xff"
                  "b") == R"("a\ufffdb")");
    CHECK(json_of("\xc3") == R"("\ufffd")");              // cut
    CHECK(json_of("\xc0\xaf") == R"("\ufffd\ufffd")");    // longer than it must be
    CHECK(json_of("\xed\xa0\x80") == R"("\ufffd\ufffd\ufffd")");  // half of a pair
    CHECK(json_of("\xe4") == R"("\ufffd")");              // Latin 1
}

TEST_CASE("every byte, alone and between others, is read back from valid JSON") {
    for (int byte = 0; byte < 256; ++byte) {
        const std::string one(1, static_cast<char>(byte));
        for (const std::string& bytes : {one, "a" + one + "z", "\xc3" + one, one + one + one}) {
            const std::string written = json_of(bytes);
            INFO(written);
            CHECK(std::all_of(written.begin(), written.end(), [](char c) { return c >= ' ' && c <= '~'; }));
            const auto read = nlohmann::json::parse(written, nullptr, false);
            REQUIRE(read.is_string());
            if (byte < 0x80 && bytes.front() != '\xc3') CHECK(read.get<std::string>() == bytes);
        }
    }
}

}  // namespace
}  // namespace gunicorn
