#include "http/body_decoder.h"

#include "unit/http/read_request.h"

namespace gunicorn::test {

using http::BodyDecoder;
using http::Framing;
using http::Limits;
using http::ParseError;

TEST_CASE("without a body nothing is consumed") {
    BodyDecoder decoder(Limits{});
    StringSink sink;
    decoder.start(Framing::none, 0);
    CHECK(*decoder.feed("GET / HTTP/1.1", sink) == http::Progress{0, true});
    CHECK(*decoder.feed("", sink) == http::Progress{0, true});
    CHECK(sink.bytes.empty());
}

TEST_CASE("a decoder that was not started has no body") {
    BodyDecoder decoder(Limits{});
    StringSink sink;
    CHECK(*decoder.feed("abc", sink) == http::Progress{0, true});
}

TEST_CASE("an empty input tells whether a body is complete") {
    BodyDecoder decoder(Limits{});
    StringSink sink;
    decoder.start(Framing::length, 3);
    CHECK(*decoder.feed("", sink) == http::Progress{0, false});
    CHECK(*decoder.feed("ab", sink) == http::Progress{2, false});
    CHECK(*decoder.feed("cd", sink) == http::Progress{1, true});
    CHECK(*decoder.feed("", sink) == http::Progress{0, true});
    CHECK(sink.bytes == "abc");
}

TEST_CASE("decoded bytes are views into the input: nothing is copied") {
    struct Watcher final : http::BodySink {
        void append(std::string_view bytes) override { seen = bytes; }
        std::string_view seen;
    } watcher;
    BodyDecoder decoder(Limits{});
    decoder.start(Framing::chunked, 0);
    REQUIRE(decoder.feed("5\r\nhe", watcher));
    const std::string_view input = "llo\r\n0\r\n";
    REQUIRE(decoder.feed(input, watcher));
    CHECK(watcher.seen.data() == input.data());
    CHECK(watcher.seen == "llo");
}

TEST_CASE("a decoder is used again for the next body") {
    BodyDecoder decoder(Limits{});
    StringSink sink;
    decoder.start(Framing::chunked, 0);
    REQUIRE(decoder.feed("1;x\r\na\r\n0\r\nX: y\r\n", sink));
    REQUIRE(decoder.feed("\r\n", sink)->complete);
    CHECK(decoder.trailers().size() == 1);
    decoder.start(Framing::chunked, 0);
    CHECK(decoder.decoded() == 0);
    CHECK(decoder.trailers().empty());
    REQUIRE(decoder.feed("2\r\nbc\r\n0\r", sink));
    CHECK(*decoder.feed("\n\r\nGET", sink) == http::Progress{3, true});
    CHECK(sink.bytes == "abc");
}

TEST_CASE("an error is final: the decoder repeats it and hands out nothing more") {
    BodyDecoder decoder(Limits{});
    StringSink sink;
    decoder.start(Framing::chunked, 0);
    REQUIRE(decoder.feed("1\r", sink));
    CHECK(decoder.feed("X", sink).error() == ParseError::bare_carriage_return);
    CHECK(decoder.feed("\na\r\n", sink).error() == ParseError::bare_carriage_return);
    CHECK(sink.bytes.empty());
    CHECK_FALSE(decoder.is_complete());
}

TEST_CASE("a body of a length over the limit is refused before a byte of it is read") {
    BodyDecoder decoder(Limits{.body = 10});
    StringSink sink;
    decoder.start(Framing::length, 11);
    CHECK(decoder.feed("", sink).error() == ParseError::body_too_large);
    decoder.start(Framing::length, 10);
    CHECK(decoder.feed("", sink));
}

TEST_CASE("chunks of sizes up to 64 bits are counted, and no sum of them overflows") {
    BodyDecoder decoder(Limits{.body = 10});
    StringSink sink;
    decoder.start(Framing::chunked, 0);
    REQUIRE(decoder.feed("1\r\na\r\n", sink));
    CHECK(decoder.feed("ffffffffffffffff\r\n", sink).error() == ParseError::body_too_large);

    BodyDecoder unlimited(Limits{});
    unlimited.start(Framing::chunked, 0);
    REQUIRE(unlimited.feed("ffffffffffffffff\r\n", sink));
    CHECK(*unlimited.feed("abc", sink) == http::Progress{3, false});
    CHECK(unlimited.decoded() == 3);
}

TEST_CASE("a trailer section is bounded by the limits of a head and read in linear time") {
    BodyDecoder decoder(Limits{.fields = 0, .field_size = 0});
    StringSink sink;
    decoder.start(Framing::chunked, 0);
    REQUIRE(decoder.feed("0\r\nX: ", sink));
    for (int i = 0; i < 1'000'000; ++i) REQUIRE(decoder.feed("a", sink).has_value());
    REQUIRE(decoder.feed("\r\n\r\n", sink)->complete);
    CHECK(decoder.trailers()[0].value.size() == 1'000'000);
}

TEST_CASE("any body in any chunks, cut anywhere, is what was sent") {
    // Sizes of chunks from a fixed sequence; data that look like framing.
    const std::string data = "0\r\n\r\n5;x\r\nGET / HTTP/1.1\r\n\r\n\r\n\n\r";
    for (std::size_t size = 1; size <= data.size(); ++size) {
        std::string bytes = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
        for (std::size_t at = 0; at < data.size(); at += size) {
            const std::string piece = data.substr(at, size);
            char digits[17];
            std::snprintf(digits, sizeof digits, "%zX", piece.size());
            bytes += digits + std::string("\r\n") + piece + "\r\n";
        }
        bytes += "0\r\n\r\n";
        const Outcome outcome = read_request(bytes + "rest");
        CHECK(outcome.body == data);
        CHECK(outcome.consumed == bytes.size());
    }
}

}  // namespace gunicorn::test
