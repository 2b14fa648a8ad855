#include "http/parse_error.h"

#include <catch2/catch.hpp>
#include <set>

#include "http/reason_phrase.h"

namespace gunicorn::test {

TEST_CASE("every parse error has a name of its own, a status, a clause and a text") {
    const std::set<int> statuses = {400, 413, 414, 417, 431, 501, 505};
    std::set<std::string_view> names;
    for (int i = 0; i < http::kParseErrorCount; ++i) {
        const http::ParseErrorInfo& info = http::info_of(static_cast<http::ParseError>(i));
        INFO(info.name);
        CHECK(names.insert(info.name).second);
        CHECK(statuses.count(info.status) == 1);
        CHECK(info.clause.starts_with("RFC "));
        CHECK_FALSE(info.text.empty());
        CHECK(http::reason_phrase(info.status) != "Unknown");
    }
}

TEST_CASE("what is wrong with the framing of a request ends in a status that closes the connection") {
    using http::ParseError;
    CHECK(http::status_of(ParseError::request_line_too_long) == 414);
    CHECK(http::status_of(ParseError::field_too_large) == 431);
    CHECK(http::status_of(ParseError::too_many_fields) == 431);
    CHECK(http::status_of(ParseError::expectation_failed) == 417);
    CHECK(http::status_of(ParseError::unsupported_transfer_coding) == 501);
    CHECK(http::status_of(ParseError::unsupported_version) == 505);
    CHECK(http::status_of(ParseError::body_too_large) == 413);
    CHECK(http::status_of(ParseError::transfer_encoding_with_length) == 400);
}

}  // namespace gunicorn::test
