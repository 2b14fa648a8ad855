#include "config/python_int.h"

#include <catch2/catch.hpp>
#include <limits>
#include <string>

namespace gunicorn::config {
namespace {

TEST_CASE("base 10 is read as Python's int(text)") {
    struct Case {
        const char* text;
        std::int64_t value;
    };
    const Case cases[] = {{"10", 10},
                          {" 10 ", 10},
                          {"+5", 5},
                          {"-1", -1},
                          {"1_000", 1000},
                          {"007", 7},
                          {"\t0\n", 0},
                          {"00", 0},
                          {"0_1", 1},
                          {"9223372036854775807", std::numeric_limits<std::int64_t>::max()},
                          {"-9223372036854775808", std::numeric_limits<std::int64_t>::min()}};
    for (const Case& one : cases) {
        CAPTURE(one.text);
        const PythonInt number = parse_python_int(one.text, 10);
        CHECK(number.outcome == IntOutcome::ok);
        CHECK(number.value == one.value);
    }
    for (const char* bad :
         {"", " ", "-", "+", "abc", "0x10", "1e3", "1.5", "1__0", "_1", "1_", "+ 5", "--1", "1 0", "\xd9\xa1"}) {
        CAPTURE(bad);
        CHECK(parse_python_int(bad, 10).outcome == IntOutcome::invalid);
    }
    CHECK(parse_python_int("9223372036854775808", 10).outcome == IntOutcome::too_big);
    CHECK(parse_python_int("-9223372036854775809", 10).outcome == IntOutcome::too_big);
    CHECK(parse_python_int(std::string(5000, '9'), 10).outcome == IntOutcome::too_big);
    CHECK(parse_python_int(std::string(5000, '9') + "x", 10).outcome == IntOutcome::invalid);
}

TEST_CASE("base 0 reads prefixes and refuses other leading zeros") {
    struct Case {
        const char* text;
        std::int64_t value;
    };
    const Case cases[] = {{"10", 10},    {"0x10", 16},   {"0XfF", 255}, {"0o17", 15}, {"0b11", 3},
                          {"0x_10", 16}, {"-0x10", -16}, {"0", 0},      {"00", 0}};
    for (const Case& one : cases) {
        CAPTURE(one.text);
        const PythonInt number = parse_python_int(one.text, 0);
        CHECK(number.outcome == IntOutcome::ok);
        CHECK(number.value == one.value);
    }
    for (const char* bad : {"017", "0022", "08", "0x", "0o8", "0b2", "0x__1", "0x1_", "1.5", "abc"}) {
        CAPTURE(bad);
        CHECK(parse_python_int(bad, 0).outcome == IntOutcome::invalid);
    }
}

TEST_CASE("auto_int reads the octal numbers of C as well") {
    CHECK(parse_auto_int("0022").value == 18);
    CHECK(parse_auto_int("022").value == 18);
    CHECK(parse_auto_int("0o22").value == 18);
    CHECK(parse_auto_int("0xFF").value == 255);
    CHECK(parse_auto_int("18").value == 18);
    CHECK(parse_auto_int("0").value == 0);
    CHECK(parse_auto_int("09").outcome == IntOutcome::invalid);
    CHECK(parse_auto_int("abc").outcome == IntOutcome::invalid);
}

}  // namespace
}  // namespace gunicorn::config
