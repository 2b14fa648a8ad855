#include "base/text.h"

#include <catch2/catch.hpp>

namespace gunicorn::text {
namespace {

using Words = std::vector<std::string>;
using Views = std::vector<std::string_view>;

TEST_CASE("trim removes ASCII white space at both ends only") {
    CHECK(trim("  a b\t\n") == "a b");
    CHECK(trim("\v\f\r x") == "x");
    CHECK(trim("   ").empty());
    CHECK(trim("").empty());
    CHECK(trim("\xc2\xa0x") == "\xc2\xa0x");
}

TEST_CASE("split keeps empty parts") {
    CHECK(split("a,,b", ',') == Views{"a", "", "b"});
    CHECK(split("", ',') == Views{""});
    CHECK(split(",", ',') == Views{"", ""});
}

TEST_CASE("case is folded for ASCII letters only") {
    CHECK(to_lower("AbZ[\xc3\x84") == "abz[\xc3\x84");
    CHECK(to_upper("abz{") == "ABZ{");
    CHECK(equal_ignoring_case("TrUe", "tRuE"));
    CHECK_FALSE(equal_ignoring_case("true", "tru"));
    CHECK_FALSE(equal_ignoring_case("@", "`"));
}

TEST_CASE("parse_decimal takes digits and nothing else, up to 64 bits") {
    CHECK(parse_decimal("0") == 0U);
    CHECK(parse_decimal("007") == 7U);
    CHECK(parse_decimal("18446744073709551615") == 18446744073709551615U);
    for (const char* bad : {"", "-1", "+1", " 1", "1 ", "1_0", "0x1", "18446744073709551616", "99999999999999999999999"}) {
        CAPTURE(bad);
        CHECK_FALSE(parse_decimal(bad));
    }
}

TEST_CASE("repr writes text as Python does") {
    CHECK(repr("abc") == "'abc'");
    CHECK(repr("it's") == "\"it's\"");
    CHECK(repr("it's \"it\"") == R"('it\'s "it"')");
    CHECK(repr("a\nb\tc\rd") == R"('a\nb\tc\rd')");
    CHECK(repr(std::string_view("\0\x1b\x7f\\", 4)) == R"('\x00\x1b\x7f\\')");
    CHECK(repr("\xc3\xa4") == "'\xc3\xa4'");
}

TEST_CASE("shell_split follows shlex.split") {
    struct Case {
        const char* text;
        Words words;
    };
    const Case cases[] = {
        {"", {}},
        {"   ", {}},
        {"-w 4  --bind=unix:/x", {"-w", "4", "--bind=unix:/x"}},
        {"-n 'two words' a\\ b", {"-n", "two words", "a b"}},
        {R"("say \"hi\"" "a\b" 'a\b')", {"say \"hi\"", "a\\b", "a\\b"}},
        {"'' \"\"", {"", ""}},
        {"a'b'\"c\"d", {"abcd"}},
        {"# no comment", {"#", "no", "comment"}},
        {"a\nb", {"a", "b"}},
    };
    for (const Case& one : cases) {
        CAPTURE(one.text);
        const auto words = shell_split(one.text);
        REQUIRE(words);
        CHECK(*words == one.words);
    }
    for (const char* open : {"'", "\"", "a 'b", "a \"b\\\"", "a\\"}) {
        CAPTURE(open);
        CHECK_FALSE(shell_split(open));
    }
}

TEST_CASE("near_matches gives the nearest names first, at most three, none that are far") {
    const Views names{"workers", "worker_class", "threads", "timeout", "worker"};
    CHECK(near_matches("wrokers", names).front() == "workers");
    CHECK(near_matches("WORKERS", names).front() == "workers");
    CHECK(near_matches("thread", names) == Views{"threads"});
    CHECK(near_matches("completely_different", names).empty());
    CHECK(near_matches("a", {"aa", "ab", "ac", "ad"}).size() == 3);
}

TEST_CASE("printable text has nothing that a terminal obeys and keeps its width") {
    CHECK(printable("plain \xc3\xa4 \xf0\x9f\x90\x8d") == "plain \xc3\xa4 \xf0\x9f\x90\x8d");
    CHECK(printable("a\tb\nc\x1b[1m\x7f") == "a b?c?[1m?");
    CHECK(printable("\xc2\x9b\xe2\x80\xae\xe2\x80\xa9\xe2\x81\xa6") == "????");
    CHECK(printable("\xff\xc3(") == "?" "?(");
    CHECK(printable("\xe2\x80") == "??");
    CHECK(printable(std::string_view("\0", 1)) == "?");
    CHECK(printable("") == "");
}

TEST_CASE("a UTF-8 sequence is as long as Unicode says") {
    CHECK(utf8_sequence("ab") == 1);
    CHECK(utf8_sequence("\xc3\xa4") == 2);
    CHECK(utf8_sequence("\xe2\x82\xac") == 3);
    CHECK(utf8_sequence("\xf0\x9f\x90\x8d") == 4);
    for (const char* bad : {"\x80", "\xc0\x80", "\xc3", "\xe0\x80\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xf4\x90\x80\x80"}) {
        CHECK(utf8_sequence(bad) == 0);
    }
}

}  // namespace
}  // namespace gunicorn::text
