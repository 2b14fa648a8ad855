#include "config/env_file.h"

#include <catch2/catch.hpp>

namespace gunicorn::config {
namespace {

struct Reading {
    Variables variables;
    Diagnostics diagnostics;
};

Reading parse(std::string_view text) {
    Reading reading;
    reading.variables = parse_env_text(text, "prod.env", reading.diagnostics);
    return reading;
}

TEST_CASE("a line of an environment file is NAME=VALUE in one of the usual forms") {
    struct Case {
        const char* line;
        const char* value;
    };
    const Case cases[] = {
        {"A=1", "1"},          {"  A = two words  ", "two words"}, {"export A=1", "1"},     {"A=", ""},
        {"A='a # b \\n'", "a # b \\n"}, {"A=\"a\\n\\\"b\\\" \\$x\"", "a\n\"b\" $x"}, {"A=x # why", "x"}, {"A=x#y", "x#y"},
        {"A=\"x\" # why", "x"}, {"A=b=c", "b=c"}, {"A=x\r", "x"},
    };
    for (const Case& one : cases) {
        CAPTURE(one.line);
        const Reading reading = parse(one.line);
        CHECK(reading.diagnostics.empty());
        REQUIRE(reading.variables.size() == 1);
        CHECK(reading.variables[0] == std::pair<std::string, std::string>("A", one.value));
    }
}

TEST_CASE("empty lines, comments and a byte order mark are passed over, and the order is kept") {
    const Reading reading = parse("\xef\xbb\xbf# first\n\nB=1\n  # second\nA=2\nB=3\n");
    REQUIRE(reading.variables.size() == 3);
    CHECK(reading.variables[0].first == "B");
    CHECK(reading.variables[2].second == "3");
}

TEST_CASE("a line that is no variable is told with its number, and the others count") {
    for (const char* bad : {"just words", "=1", "1A=2", "A B=2", "A='open", "A=\"open", "A='x' y"}) {
        CAPTURE(bad);
        const Reading reading = parse(std::string("X=1\n") + bad + "\nY=2\n");
        REQUIRE(reading.diagnostics.size() == 1);
        CHECK(reading.diagnostics[0].id == DiagId::bad_syntax);
        CHECK(to_string(reading.diagnostics[0].origin) == "prod.env:2");
        CHECK(reading.variables.size() == 2);
    }
}

TEST_CASE("a quotation goes on over lines, and what follows has its own number") {
    for (const std::string quote : {"'", "\""}) {
        const Reading reading = parse("KEY=" + quote + "-----BEGIN-----\r\nabc==\n-----END-----" + quote + " # why\nB=2\nnonsense\n");
        REQUIRE(reading.variables.size() == 2);
        CHECK(reading.variables[0].second == "-----BEGIN-----\nabc==\n-----END-----");
        CHECK(reading.variables[1] == std::pair<std::string, std::string>("B", "2"));
        REQUIRE(reading.diagnostics.size() == 1);
        CHECK(to_string(reading.diagnostics[0].origin) == "prod.env:5");
    }
}

TEST_CASE("a quotation that nothing closes is told where it begins") {
    const Reading reading = parse("A=1\nKEY='-----BEGIN-----\nB=2\n");
    REQUIRE(reading.diagnostics.size() == 1);
    CHECK(to_string(reading.diagnostics[0].origin) == "prod.env:2");
    CHECK(reading.variables.size() == 2);
}

TEST_CASE("a file that is not there is told") {
    Diagnostics diagnostics;
    SourceTexts texts;
    CHECK(read_env_file("/nowhere/prod.env", diagnostics, texts).empty());
    REQUIRE(diagnostics.size() == 1);
    CHECK(diagnostics[0].id == DiagId::unreadable_file);
}

}  // namespace
}  // namespace gunicorn::config
