#include "http/response_head.h"

#include <catch2/catch.hpp>

namespace gunicorn::test {

using http::ResponseError;
using http::ResponseHead;

namespace {

std::string fields_of(const ResponseHead& head) { return std::string(head.fields().text()); }

}  // namespace

TEST_CASE("a status is three digits, a space and a reason") {
    struct Row {
        std::string_view given;
        int code;
        std::string_view line;
    };
    const Row rows[] = {
        {"200 OK", 200, "200 OK"},
        {"404 Not Found  here", 404, "404 Not Found  here"},
        {"299 ", 299, "299 "},
        {"500", 500, "500 "},
        {"999 \xc3\xa4", 999, "999 \xc3\xa4"},
    };
    for (const Row& row : rows) {
        ResponseHead head;
        REQUIRE(head.set_status(row.given));
        CHECK(head.status_code() == row.code);
        CHECK(head.status_line() == row.line);
    }
}

TEST_CASE("a status that is none, or that would split the response, is refused and changes nothing") {
    using namespace std::string_view_literals;
    ResponseHead head;
    REQUIRE(head.set_status("201 Created"));
    for (const std::string_view status :
         {""sv, "20"sv, "20x OK"sv, "2000 OK"sv, "200OK"sv, " 200 OK"sv, "099 Low"sv, "+20 OK"sv, "OK 200"sv, "200\tOK"sv,
          "200 OK\r\nSet-Cookie: a=b"sv, "200 O\nK"sv, "200 O\rK"sv, "200 O\0K"sv,
          "200 O\x1bK"sv, "200 O\x7fK"sv}) {
        INFO(status);
        CHECK(head.set_status(status).error() == ResponseError::bad_status);
    }
    CHECK(head.status_line() == "201 Created");
}

TEST_CASE("an interim status is no answer, but for 101") {
    ResponseHead head;
    for (const std::string_view status : {"100 Continue", "102 Processing", "103 Early Hints", "199 "}) {
        CHECK(head.set_status(status).error() == ResponseError::interim_status);
    }
    CHECK(head.set_status("101 Switching Protocols"));
}

TEST_CASE("fields keep their order and case; white space around a value is removed") {
    ResponseHead head;
    REQUIRE(head.add("X-Second", "2"));
    REQUIRE(head.add("x-FIRST", " \t1 \t"));
    REQUIRE(head.add("Set-Cookie", "a=b"));
    REQUIRE(head.add("Set-Cookie", "c=d"));
    REQUIRE(head.add("X-Empty", ""));
    REQUIRE(head.add("X-Odd", "a\tb \xe4"));
    CHECK(fields_of(head) == "X-Second: 2\r\nx-FIRST: 1\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\nX-Empty: \r\nX-Odd: a\tb \xe4\r\n");
    CHECK(head.find("x-first") == "1");
    CHECK(head.find("set-cookie") == "a=b");
    CHECK_FALSE(head.find("x-third"));
}

TEST_CASE("a name that is no token and a value with a control byte are refused, and nothing is added") {
    using namespace std::string_view_literals;
    ResponseHead head;
    for (const std::string_view name : {""sv, "X Y"sv, "X:"sv, "X\r\nY"sv, "X\0"sv, "\xe4"sv, "X-Y "sv}) {
        CHECK(head.add(name, "value").error() == ResponseError::bad_field_name);
    }
    for (const std::string_view value : {"a\r\nSet-Cookie: b=c"sv, "a\nb"sv, "a\rb"sv, "a\0b"sv, "\r\n"sv, "a\r\n"sv, "a\x1b[0m"sv,
                                          "a\x7f"sv, "\v"sv, "a\fb"sv}) {
        CHECK(head.add("X", value).error() == ResponseError::bad_field_value);
        CHECK(head.add("Server", value).error() == ResponseError::bad_field_value);
    }
    CHECK(head.fields().empty());
}

TEST_CASE("fields that belong to the server are dropped") {
    ResponseHead head;
    for (const std::string_view name : {"Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "TE",
                                        "Trailers", "Transfer-Encoding", "Upgrade", "server", "DATE"}) {
        CHECK(head.add(name, "close"));
    }
    CHECK(head.fields().empty());
    CHECK_FALSE(head.is_upgrade());
}

TEST_CASE("an upgrade to a websocket is honoured") {
    ResponseHead head;
    REQUIRE(head.add("Connection", "keep-alive, Upgrade"));
    REQUIRE(head.add("Upgrade", "WebSocket"));
    CHECK(head.is_upgrade());
    CHECK(fields_of(head) == "Upgrade: WebSocket\r\n");
}

TEST_CASE("a length is a number, and there is one") {
    ResponseHead head;
    for (const std::string_view value : {"", "-1", "+1", "1,1", "0x1", "1 1", "many", "18446744073709551616"}) {
        CHECK(head.add("Content-Length", value).error() == ResponseError::bad_content_length);
    }
    CHECK_FALSE(head.content_length());
    REQUIRE(head.add("content-length", " 12 "));
    CHECK(head.content_length() == 12U);
    CHECK(head.add("Content-Length", "012"));
    CHECK(head.add("Content-Length", "13").error() == ResponseError::two_content_lengths);
    CHECK(fields_of(head) == "content-length: 12\r\n");
}

TEST_CASE("a cleared head is as new") {
    ResponseHead head;
    REQUIRE(head.set_status("200 OK"));
    REQUIRE(head.add("Content-Length", "1"));
    REQUIRE(head.add("Connection", "upgrade"));
    head.clear();
    CHECK(head.status_code() == 0);
    CHECK(head.status_line().empty());
    CHECK(head.fields().empty());
    CHECK_FALSE(head.content_length());
    CHECK_FALSE(head.is_upgrade());
    CHECK(head.add("Content-Length", "2"));
}

}  // namespace gunicorn::test
