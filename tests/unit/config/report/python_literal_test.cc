#include "config/report/python_literal.h"

#include <catch2/catch.hpp>
#include <limits>

namespace gunicorn::config {
namespace {

TEST_CASE("a literal of a text is exact") {
    struct Row {
        std::string_view text;
        std::string_view literal;
    };
    for (const auto& [text, literal] : {Row{"", "''"},
                                        Row{"plain", "'plain'"},
                                        Row{"it's", "\"it's\""},
                                        Row{"both ' and \"", "'both \\' and \"'"},
                                        Row{"back\\slash", "'back\\\\slash'"},
                                        Row{"a\nb\rc\td", "'a\\nb\\rc\\td'"},
                                        Row{"\x01\x1b\x7f", "'\\x01\\x1b\\x7f'"},
                                        Row{{"a\0b", 3}, "'a\\x00b'"},
                                        Row{"\xc3\xa4 \xf0\x9f\x90\x8d", "'\xc3\xa4 \xf0\x9f\x90\x8d'"},
                                        Row{"\xc2\x9b", "'\\x9b'"},
                                        Row{"\xe2\x80\xae\xe2\x80\xa8", "'\\u202e\\u2028'"},
                                        // Surrogate escapes: bytes that are no UTF-8, encoded surrogates among them.
                                        Row{"/tmp/\xff", "'/tmp/\\udcff'"},
                                        Row{"\xed\xb2\x80", "'\\udced\\udcb2\\udc80'"},
                                        Row{"\xe2\x80", "'\\udce2\\udc80'"}}) {
        CHECK(python_literal(text) == literal);
    }
}

TEST_CASE("literals of other values are Python's") {
    CHECK(python_literal(RawValue()) == "None");
    CHECK(python_literal(RawValue(true)) == "True");
    CHECK(python_literal(RawValue(-3)) == "-3");
    CHECK(python_literal(RawValue(0.5)) == "0.5");
    CHECK(python_literal(RawValue(std::numeric_limits<double>::quiet_NaN())) == "float('nan')");
    CHECK(python_literal(RawValue(-std::numeric_limits<double>::infinity())) == "float('-inf')");
    CHECK(python_literal(RawValue(List{})) == "[]");
    CHECK(python_literal(RawValue(List{"", 1, List{true}})) == "['', 1, [True]]");
    CHECK(python_literal(RawValue(Dict{{"\xff", "a"}, {"$$x", 1}})) == "{'\\udcff': 'a', '$x': 1}");
}

TEST_CASE("an object stands as its name, without what a terminal obeys") {
    CHECK(python_literal(RawValue(Dict{{"$object", "shop.hooks.bye\n\x1b[1m"}})) == "<shop.hooks.bye??[1m>");
}

}  // namespace
}  // namespace gunicorn::config
