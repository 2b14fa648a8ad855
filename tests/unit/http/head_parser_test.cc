#include "http/head_parser.h"

#include <chrono>

#include "unit/http/read_request.h"

namespace gunicorn::test {

using http::HeadParser;
using http::Limits;
using http::ParseError;
using http::ParsePolicy;
using http::RequestHead;

TEST_CASE("a head is consumed up to its end and not further") {
    const std::string_view head_bytes = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
    grind(std::string(head_bytes) + "GET /b", [&](const Pieces& pieces) {
        HeadParser parser(Limits{}, ParsePolicy{});
        RequestHead head;
        std::size_t consumed = 0;
        bool complete = false;
        for (std::size_t i = 0; i < pieces.size() && !complete; ++i) {
            const auto progress = parser.feed(pieces[i], head);
            REQUIRE(progress);
            consumed += progress->consumed;
            complete = progress->complete;
        }
        CHECK(complete);
        CHECK(consumed == head_bytes.size());
    });
}

TEST_CASE("a parser and a head are used again for the next request, and nothing of the first is left") {
    const std::string_view first = "POST /a?b#c HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nExpect: 100-continue\r\n\r\n";
    const std::string_view second = "GET /d HTTP/1.0\r\n\r\n";
    grind(std::string(first) + std::string(second), [&](const Pieces& pieces) {
        HeadParser parser(Limits{}, ParsePolicy{});
        RequestHead head;
        int heads = 0;
        for (std::size_t i = 0; i < pieces.size(); ++i) {
            std::string_view piece = pieces[i];
            while (!piece.empty()) {
                const auto progress = parser.feed(piece, head);
                REQUIRE(progress);
                piece.remove_prefix(progress->consumed);
                if (!progress->complete) continue;
                ++heads;
                if (heads == 1) CHECK(head.request_line() == "POST /a?b#c HTTP/1.1");
                parser.reset();
            }
        }
        REQUIRE(heads == 2);
        CHECK(head.request_line() == "GET /d HTTP/1.0");
        CHECK(head.query().empty());
        CHECK(head.fragment().empty());
        CHECK(head.field_count() == 0);
        CHECK(head.framing() == http::Framing::none);
        CHECK_FALSE(head.expects_continue());
        CHECK_FALSE(head.wants_keep_alive());
    });
}

TEST_CASE("a connection is idle until a byte of a request comes, whatever empty lines come before") {
    HeadParser parser(Limits{}, ParsePolicy{});
    RequestHead head;
    CHECK_FALSE(parser.has_started());
    for (const std::string_view byte : {"\r", "\n", "\r"}) {
        REQUIRE(parser.feed(byte, head));
        CHECK_FALSE(parser.has_started());
    }
    REQUIRE(parser.feed("\nG", head));
    CHECK(parser.has_started());
    REQUIRE(parser.feed("ET / HTTP/1.1\r\n\r\n", head));
    parser.reset();
    CHECK_FALSE(parser.has_started());
}

TEST_CASE("an error is final: the parser repeats it and reads nothing more") {
    HeadParser parser(Limits{}, ParsePolicy{});
    RequestHead head;
    CHECK(parser.feed("GET / HTTP/3", head));
    CHECK(parser.feed(".0\r\n", head).error() == ParseError::unsupported_version);
    CHECK(parser.feed("GET / HTTP/1.1\r\n\r\n", head).error() == ParseError::unsupported_version);
}

TEST_CASE("a complete head stays complete and consumes nothing until the parser is reset") {
    HeadParser parser(Limits{}, ParsePolicy{});
    RequestHead head;
    CHECK(parser.feed("GET / HTTP/1.1\r\n", head));
    CHECK(*parser.feed("\r\n", head) == http::Progress{2, true});
    CHECK(*parser.feed("GET /next HTTP/1.1\r\n\r\n", head) == http::Progress{0, true});
    CHECK(head.path() == "/");
}

TEST_CASE("the request line can be read once it is there, for the log of a request that is refused later") {
    HeadParser parser(Limits{}, ParsePolicy{});
    RequestHead head;
    CHECK(parser.feed("GET /a HTTP/1.1\r\nHo", head));
    CHECK(parser.feed("st : x\r\n", head).error() == ParseError::space_before_colon);
    CHECK(head.request_line() == "GET /a HTTP/1.1");
}

TEST_CASE("a head may be moved and copied: its views come from itself") {
    HeadParser parser(Limits{}, ParsePolicy{});
    RequestHead head;
    REQUIRE(parser.feed("GET /a?b HTTP/1.1\r\n", head));
    REQUIRE(parser.feed("Host: example.org\r\n\r\n", head));
    const RequestHead copy = head;
    const RequestHead moved = std::move(head);
    for (const RequestHead* each : {&copy, &moved}) {
        CHECK(each->path() == "/a");
        CHECK(each->find("host") == "example.org");
        CHECK(each->protocol() == "HTTP/1.1");
    }
}

TEST_CASE("limits of zero are no limits") {
    const Limits unlimited{.request_line = 0, .fields = 0, .field_size = 0};
    std::string bytes = "GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nX: " + std::string(9000, 'b') + "\r\n";
    for (int i = 0; i < 200; ++i) bytes += "X: y\r\n";
    bytes += "\r\n";
    for (const std::size_t size : {std::size_t{1}, std::size_t{7}, std::size_t{4096}, bytes.size()}) {
        HeadParser parser(unlimited, ParsePolicy{});
        RequestHead head;
        bool complete = false;
        for (std::size_t at = 0; at < bytes.size(); at += size) {
            const auto progress = parser.feed(std::string_view(bytes).substr(at, size), head);
            REQUIRE(progress);
            complete = progress->complete;
        }
        CHECK(complete);
        CHECK(head.field_count() == 201);
    }
}

TEST_CASE("the default limits are those of Gunicorn") {
    const auto verdict = [](const std::string& bytes) {
        Pieces pieces;
        pieces.add(std::string_view(bytes).substr(0, bytes.size() / 2));
        pieces.add(std::string_view(bytes).substr(bytes.size() / 2));
        return std::string(read_pieces(pieces).verdict());
    };
    const auto line = [](std::size_t size) { return "GET /" + std::string(size - 14, 'a') + " HTTP/1.1\r\n\r\n"; };
    CHECK(verdict(line(4094)) == "complete");
    CHECK(verdict(line(4095)) == "request_line_too_long");
    const auto field = [](std::size_t size) { return "GET / HTTP/1.1\r\nX: " + std::string(size - 5, 'a') + "\r\n\r\n"; };
    CHECK(verdict(field(8190)) == "complete");
    CHECK(verdict(field(8191)) == "field_too_large");
    const auto fields = [](int count) {
        std::string bytes = "GET / HTTP/1.1\r\n";
        while (count-- > 0) bytes += "X: y\r\n";
        return bytes + "\r\n";
    };
    CHECK(verdict(fields(100)) == "complete");
    CHECK(verdict(fields(101)) == "too_many_fields");
}

TEST_CASE("a head of a hundred fields, fed by the byte, is read in linear time") {
    // Quadratic parsing would take minutes here, under any sanitizer.
    const Limits unlimited{.request_line = 0, .fields = 0, .field_size = 0};
    HeadParser parser(unlimited, ParsePolicy{});
    RequestHead head;
    REQUIRE(parser.feed("GET / HTTP/1.1\r\nX: ", head));
    for (int i = 0; i < 1'000'000; ++i) REQUIRE(parser.feed("a", head).has_value());
    REQUIRE(parser.feed("\r\n\r\n", head)->complete);
    CHECK(head.find("x")->size() == 1'000'000);
}

TEST_CASE("every byte is accepted or refused in a method, target, name and value as the RFC says") {
    const auto accepts = [](const std::string& bytes, const ParsePolicy& policy) {
        Pieces pieces;
        for (const char& byte : bytes) pieces.add({&byte, 1});
        return read_pieces(pieces, Limits{}, policy).is_complete;
    };
    const ParsePolicy any_method{.permit_unconventional_http_method = true};
    const std::string_view specials = "!#$%&'*+-.^_`|~";
    for (int c = 0; c < 256; ++c) {
        INFO("byte " << c);
        const char byte = static_cast<char>(c);
        const bool is_token = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                              (c < 128 && c > 0 && specials.find(byte) != std::string_view::npos);
        const bool is_visible = c > 0x20 && c != 0x7f;
        CHECK(accepts(std::string("GE") + byte + "T / HTTP/1.1\r\n\r\n", any_method) == is_token);
        CHECK(accepts(std::string("GET /a") + byte + "b HTTP/1.1\r\n\r\n", ParsePolicy{}) == is_visible);
        // A colon ends the name, and what is left is a field.
        CHECK(accepts(std::string("GET / HTTP/1.1\r\nX") + byte + "Y: z\r\n\r\n", ParsePolicy{}) ==
              (is_token || byte == ':'));
        CHECK(accepts(std::string("GET / HTTP/1.1\r\nX: a") + byte + "b\r\n\r\n", ParsePolicy{}) ==
              (is_visible || byte == ' ' || byte == '\t'));
    }
}

TEST_CASE("no byte between the parts of a message is taken for another") {
    // One byte more, anywhere in a request with a body: it is refused, waits for more, or means what it says; it never ends
    // earlier.
    const std::string message = "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    for (std::size_t at = 0; at <= message.size(); ++at) {
        for (const char byte : {'\0', '\t', '\n', '\v', '\f', '\r', ' ', '\x7f', '\x85', '\xa0'}) {
            std::string bytes = message;
            bytes.insert(at, 1, byte);
            INFO("byte " << static_cast<int>(byte) << " at " << at);
            Pieces pieces;
            for (const char& each : bytes) pieces.add({&each, 1});
            const Outcome outcome = read_pieces(pieces);
            if (!outcome.is_complete) continue;
            CHECK(outcome.body == "abc");
            CHECK((outcome.consumed == bytes.size() || bytes.starts_with(message)));
        }
    }
}

TEST_CASE("a field is found by its lower-case name, the first of several") {
    const Outcome outcome = read_request("GET / HTTP/1.1\r\nX-A: 1\r\nx-a: 2\r\nX-AB: 3\r\n\r\n");
    CHECK(outcome.head.find("x-a") == "1");
    CHECK(outcome.head.find("x-ab") == "3");
    CHECK_FALSE(outcome.head.find("x"));
}

}  // namespace gunicorn::test
