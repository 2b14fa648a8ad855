#include "config/value.h"

#include <catch2/catch.hpp>
#include <limits>

#include "support/fake_objects.h"

namespace gunicorn::config {
namespace {

TEST_CASE("values are equal when Python type and content are") {
    CHECK(RawValue() == RawValue());
    CHECK(RawValue("a") == RawValue(std::string("a")));
    CHECK_FALSE(RawValue(1) == RawValue(true));
    CHECK_FALSE(RawValue(1) == RawValue(1.0));
    CHECK_FALSE(RawValue("") == RawValue());
    CHECK(RawValue(List{1, List{"x"}}) == RawValue(List{1, List{"x"}}));
    CHECK_FALSE(RawValue(List{1}) == RawValue(List{2}));
    CHECK(RawValue(Dict{{"k", 1}}) == RawValue(Dict{{"k", 1}}));
    CHECK_FALSE(RawValue(ObjectHandle{1, 2}) == RawValue(ObjectHandle{2, 2}));
}

TEST_CASE("repr writes values as Python does") {
    struct Case {
        RawValue value;
        const char* text;
    };
    const Case cases[] = {
        {RawValue(), "None"},
        {true, "True"},
        {false, "False"},
        {-12, "-12"},
        {std::numeric_limits<std::int64_t>::min(), "-9223372036854775808"},
        {2.5, "2.5"},
        {3.0, "3.0"},
        {-0.0, "-0.0"},
        {0.1, "0.1"},
        {1e15, "1000000000000000.0"},
        {1e16, "1e+16"},
        {1.5e300, "1.5e+300"},
        {0.0001, "0.0001"},
        {0.00001, "1e-05"},
        {std::numeric_limits<double>::infinity(), "inf"},
        {-std::numeric_limits<double>::infinity(), "-inf"},
        {std::numeric_limits<double>::quiet_NaN(), "nan"},
        {"text", "'text'"},
        {List{}, "[]"},
        {List{"a", 1, RawValue()}, "['a', 1, None]"},
        {Dict{}, "{}"},
        {Dict{{"k", 1}, {"l", List{"x"}}}, "{'k': 1, 'l': ['x']}"},
        {ObjectHandle{}, "<object>"},
    };
    for (const Case& one : cases) CHECK(repr(one.value) == one.text);
}

TEST_CASE("objects are shown by whoever knows them") {
    test::FakeObjects objects;
    const ObjectHandle hook = objects.function("post_fork", 2);
    CHECK(repr(hook, &objects) == "<function post_fork>");
    CHECK(repr(List{hook}, &objects) == "[<function post_fork>]");
    CHECK(type_name(hook, &objects) == "function");
    CHECK(type_name(hook) == "object");
}

TEST_CASE("type names are Python's") {
    CHECK(type_name({}) == "NoneType");
    CHECK(type_name(true) == "bool");
    CHECK(type_name(1) == "int");
    CHECK(type_name(1.0) == "float");
    CHECK(type_name("") == "str");
    CHECK(type_name(List{}) == "list");
    CHECK(type_name(Dict{}) == "dict");
}

TEST_CASE("an excerpt is short and always UTF-8") {
    CHECK(excerpt("short") == "'short'");
    CHECK(excerpt(std::string(1000, 'x')) == "'" + std::string(79, 'x') + "...");
    CHECK(excerpt("\xff\xfe") == "'\\xff\\xfe'");
    CHECK(excerpt("\xc3\xa4\xc3") == "'\xc3\xa4\\xc3'");
    CHECK(excerpt("\xed\xa0\x80") == "'\\xed\\xa0\\x80'");
    CHECK(excerpt("\xf0\x9f\x92\xa9") == "'\xf0\x9f\x92\xa9'");
    // A sequence is never cut in the middle.
    std::string umlauts;
    for (int i = 0; i < 100; ++i) umlauts += "\xc3\xa4";
    const std::string cut = excerpt(umlauts);
    CHECK(cut.size() == 81 + 3);
    CHECK(cut.substr(79) == "\xc3\xa4...");
}

}  // namespace
}  // namespace gunicorn::config
