#include "http/response_encoder.h"

#include <algorithm>

#include "http/body_decoder.h"
#include "http/http_date.h"
#include "http/reason_phrase.h"
#include "unit/http/read_request.h"

namespace gunicorn::test {

using http::Framed;
using http::kHttp10;
using http::kHttp11;
using http::ResponseContext;
using http::ResponseEncoder;
using http::ResponseHead;

namespace {

constexpr std::string_view kDate = "Sun, 06 Nov 1994 08:49:37 GMT";

ResponseContext context_of(http::Version version = kHttp11) {
    return {.request_version = version, .is_head = false, .keep_alive = true, .date = kDate, .server = "gunicorn"};
}

ResponseHead head_of(std::string_view status, const Fields& fields = {}) {
    ResponseHead head;
    REQUIRE(head.set_status(status));
    for (const auto& [name, value] : fields) REQUIRE(head.add(name, value));
    return head;
}

/// All the bytes of one response, and what the encoder says afterwards.
struct Sent {
    std::string head;
    std::string body;  // with its framing
    std::size_t dropped = 0;
    bool may_keep_alive = false;
    std::uint64_t bytes_of_body = 0;
};

Sent send(const ResponseContext& context, const ResponseHead& head, std::optional<std::uint64_t> known_length,
          const std::vector<std::string>& pieces) {
    ResponseEncoder encoder;
    Sent sent;
    encoder.start(context, head, known_length, sent.head);
    for (const std::string& piece : pieces) {
        const Framed framed = encoder.frame(piece, sent.body);
        sent.body += framed.piece;
        sent.body += framed.suffix;
        sent.dropped += framed.dropped;
    }
    CHECK_FALSE(encoder.may_keep_alive());
    sent.body += encoder.finish();
    sent.may_keep_alive = encoder.may_keep_alive();
    sent.bytes_of_body = encoder.bytes_of_body();
    return sent;
}

}  // namespace

TEST_CASE("a response begins with the status, Server, Date and Connection, then the fields") {
    const Sent sent =
        send(context_of(), head_of("200 OK", {{"Content-Type", "text/plain"}, {"Content-Length", "5"}}), {}, {"hello"});
    CHECK(sent.head ==
          "HTTP/1.1 200 OK\r\nServer: gunicorn\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nConnection: keep-alive\r\n"
          "Content-Type: text/plain\r\nContent-Length: 5\r\n\r\n");
    CHECK(sent.body == "hello");
    CHECK(sent.may_keep_alive);
    CHECK(sent.bytes_of_body == 5);
}

TEST_CASE("an empty server or date leaves its field out") {
    ResponseContext context = context_of();
    context.server = {};
    context.date = {};
    CHECK(send(context, head_of("200 OK"), 0, {}).head ==
          "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n");
}

TEST_CASE("how a body ends depends on what is known of its length, on the version, the method and the status") {
    enum class End { length, chunked, close, none };
    struct Row {
        const char* status;
        http::Version version;
        bool is_head;
        const char* declared;
        std::optional<std::uint64_t> known;
        End end;
        const char* length;  // Content-Length on the wire
        bool keep_alive;
    };
    const Row rows[] = {
        {"200 OK", kHttp11, false, "5", {}, End::length, "5", true},
        {"200 OK", kHttp11, false, nullptr, 5, End::length, "5", true},
        {"200 OK", kHttp11, false, "5", 7, End::length, "5", true},
        {"200 OK", kHttp11, false, nullptr, {}, End::chunked, nullptr, true},
        {"200 OK", http::Version{1, 2}, false, nullptr, {}, End::chunked, nullptr, true},
        {"200 OK", kHttp10, false, nullptr, {}, End::close, nullptr, false},
        {"200 OK", kHttp10, false, nullptr, 5, End::length, "5", true},
        {"200 OK", kHttp11, true, nullptr, {}, End::none, nullptr, true},
        {"200 OK", kHttp11, true, "5", {}, End::none, "5", true},
        {"200 OK", kHttp11, true, nullptr, 5, End::none, nullptr, true},
        {"200 OK", kHttp10, true, nullptr, {}, End::none, nullptr, true},
        {"204 No Content", kHttp11, false, "5", {}, End::none, nullptr, true},
        {"204 No Content", kHttp11, true, "5", {}, End::none, nullptr, true},
        {"204 No Content", kHttp11, false, nullptr, 5, End::none, nullptr, true},
        {"304 Not Modified", kHttp11, false, "5", {}, End::none, "5", true},
        {"304 Not Modified", kHttp11, false, nullptr, {}, End::none, nullptr, true},
        {"101 Switching Protocols", kHttp11, false, "5", {}, End::none, nullptr, false},
    };
    for (const Row& row : rows) {
        INFO(row.status << " " << int{row.version.minor} << " head " << row.is_head << " declared "
                        << (row.declared ? row.declared : "nothing") << " known " << row.known.has_value());
        ResponseContext context = context_of(row.version);
        context.is_head = row.is_head;
        ResponseHead head = head_of(row.status, {{"X-A", "1"}});
        if (row.declared) REQUIRE(head.add("Content-Length", row.declared));
        REQUIRE(head.add("X-B", "2"));
        const Sent sent = send(context, head, row.known, {"he", "", "llo"});
        const std::string_view body = row.end == End::none      ? ""
                                      : row.end == End::chunked ? "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"
                                                                : "hello";
        CHECK(sent.body == body);
        CHECK(sent.dropped == (row.end == End::none ? 5 : 0));
        CHECK(sent.bytes_of_body == (row.end == End::none ? 0 : 5));
        CHECK(sent.may_keep_alive == row.keep_alive);
        std::string expected = row.version == kHttp10 ? "HTTP/1.0 " : "HTTP/1.1 ";
        expected += std::string(row.status) + "\r\nServer: gunicorn\r\nDate: " + std::string(kDate) + "\r\nConnection: ";
        expected += row.keep_alive ? "keep-alive\r\n" : "close\r\n";
        if (row.end == End::chunked) expected += "Transfer-Encoding: chunked\r\n";
        expected += "X-A: 1\r\n";
        if (row.length && row.declared) expected += std::string("Content-Length: ") + row.length + "\r\n";
        expected += "X-B: 2\r\n";
        if (row.length && !row.declared) expected += std::string("Content-Length: ") + row.length + "\r\n";
        CHECK(sent.head == expected + "\r\n");
    }
}

TEST_CASE("bytes past the declared length are dropped, and the connection stays usable") {
    const Sent sent = send(context_of(), head_of("200 OK", {{"Content-Length", "5"}}), {}, {"hel", "lo world", "!"});
    CHECK(sent.body == "hello");
    CHECK(sent.dropped == 7);
    CHECK(sent.bytes_of_body == 5);
    CHECK(sent.may_keep_alive);
}

TEST_CASE("an encoder says when more would be dropped, and when a body had another length than announced") {
    ResponseEncoder encoder;
    std::string out;
    encoder.start(context_of(), head_of("200 OK"), 3, out);
    CHECK(encoder.frame("abc", out).dropped == 0);
    CHECK_FALSE(encoder.is_full());
    CHECK(encoder.frame("d", out).dropped == 1);
    CHECK((encoder.is_full() && encoder.has_excess() && !encoder.is_short()));
    CHECK(encoder.finish().empty());
    CHECK((encoder.may_keep_alive() && !encoder.is_short()));

    encoder.start(context_of(), head_of("200 OK"), 3, out);
    CHECK(encoder.frame("ab", out).dropped == 0);
    CHECK_FALSE(encoder.is_short());
    CHECK(encoder.finish().empty());
    CHECK((encoder.is_short() && !encoder.has_excess()));

    encoder.start(context_of(), head_of("204 No Content"), 3, out);
    CHECK((encoder.is_full() && !encoder.has_excess()));
    CHECK(encoder.finish().empty());
    CHECK_FALSE(encoder.is_short());

    encoder.start(context_of(), head_of("200 OK"), {}, out);
    CHECK(encoder.frame("abc", out).dropped == 0);
    CHECK(encoder.finish() == "0\r\n\r\n");
    CHECK_FALSE((encoder.is_full() || encoder.is_short()));
}

TEST_CASE("a body shorter than its length closes the connection: the next answer must not fill it up") {
    const Sent sent = send(context_of(), head_of("200 OK", {{"Content-Length", "5"}}), {}, {"hel"});
    CHECK(sent.body == "hel");
    CHECK_FALSE(sent.may_keep_alive);
}

TEST_CASE("an aborted chunked body gets no last chunk, so that the client sees it is cut") {
    ResponseEncoder encoder;
    std::string out;
    encoder.start(context_of(), head_of("200 OK"), {}, out);
    static_cast<void>(encoder.frame("abc", out));
    encoder.abort();
    CHECK(encoder.finish().empty());
    CHECK_FALSE(encoder.may_keep_alive());
}

TEST_CASE("an upgrade takes the connection away from HTTP") {
    const ResponseHead head = head_of("101 Switching Protocols", {{"Connection", "Upgrade"}, {"Upgrade", "websocket"}});
    const Sent sent = send(context_of(), head, {}, {});
    CHECK(sent.head.find("\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n") != std::string::npos);
    CHECK_FALSE(sent.may_keep_alive);
}

TEST_CASE("the context may ask for a close") {
    ResponseContext context = context_of();
    context.keep_alive = false;
    const Sent sent = send(context, head_of("200 OK"), 0, {});
    CHECK(sent.head.find("\r\nConnection: close\r\n") != std::string::npos);
    CHECK_FALSE(sent.may_keep_alive);
}

TEST_CASE("an encoder is used again for the next response") {
    ResponseEncoder encoder;
    std::string out;
    encoder.start(context_of(), head_of("200 OK", {{"Content-Length", "5"}}), {}, out);
    CHECK(encoder.remaining() == 5U);
    CHECK(encoder.finish().empty());
    encoder.start(context_of(), head_of("200 OK"), {}, out);
    CHECK(encoder.is_chunked());
    CHECK_FALSE(encoder.remaining());
    CHECK(encoder.finish() == "0\r\n\r\n");
    CHECK(encoder.may_keep_alive());
}

TEST_CASE("a piece is framed around the caller's bytes, which are not copied") {
    ResponseEncoder encoder;
    std::string out;
    encoder.start(context_of(), head_of("200 OK"), {}, out);
    out.clear();
    const std::string piece(300, 'x');
    const Framed framed = encoder.frame(piece, out);
    CHECK(out == "12c\r\n");
    CHECK(framed.piece.data() == piece.data());
    CHECK(framed.suffix == "\r\n");
}

TEST_CASE("bytes that are sent from elsewhere are framed by their number") {
    ResponseEncoder encoder;
    std::string out;
    encoder.start(context_of(), head_of("200 OK", {{"Content-Length", "10"}}), {}, out);
    const http::FramedSize framed = encoder.frame_of_size(std::uint64_t{1} << 40, out);
    CHECK(framed.size == 10);
    CHECK(framed.dropped == (std::uint64_t{1} << 40) - 10);
    CHECK(encoder.remaining() == 0U);
}

TEST_CASE("a reader of chunks reads back what the encoder wrote, however it is cut") {
    const std::vector<std::string> pieces = {
        "hello", "", " ", std::string(300, 'x'), "\r\n0\r\n\r\n", std::string("\0\xff", 2)};
    std::string body;
    for (const std::string& piece : pieces) body += piece;
    const Sent sent = send(context_of(), head_of("200 OK"), {}, pieces);
    grind(sent.body, [&](const Pieces& cut) {
        http::BodyDecoder decoder(http::Limits{});
        StringSink sink;
        decoder.start(http::Framing::chunked, 0);
        std::size_t consumed = 0;
        for (std::size_t i = 0; i < cut.size(); ++i) {
            const auto progress = decoder.feed(cut[i], sink);
            REQUIRE(progress);
            consumed += progress->consumed;
        }
        CHECK(decoder.is_complete());
        CHECK(consumed == sent.body.size());
        CHECK(sink.bytes == body);
    });
}

TEST_CASE("a reader of heads reads back the fields that the encoder wrote") {
    // A response has the fields of a request; with another first line it is one.
    const Fields fields = {
        {"Content-Type", "text/html; charset=utf-8"}, {"Set-Cookie", "a=b"}, {"Set-Cookie", "c=d"}, {"X-Empty", ""}};
    const Sent sent = send(context_of(), head_of("200 OK", fields), 5, {"hello"});
    const std::string request = "GET / HTTP/1.1" + sent.head.substr(sent.head.find("\r\n")) + sent.body;
    const Outcome outcome = read_request(request);
    CHECK(outcome.body == "hello");
    Fields expected = {{"Server", "gunicorn"}, {"Date", std::string(kDate)}, {"Connection", "keep-alive"}};
    expected.insert(expected.end(), fields.begin(), fields.end());
    expected.emplace_back("Content-Length", "5");
    CHECK(outcome.fields() == expected);
}

TEST_CASE("an error page escapes its message, says its length and closes") {
    std::string out;
    http::encode_error_page(400, "", "<script>\"a\" & 'b'</script>", context_of(), out);
    const std::size_t end = out.find("\r\n\r\n") + 4;
    const std::string page = out.substr(end);
    CHECK(out.substr(0, end) == "HTTP/1.1 400 Bad Request\r\nServer: gunicorn\r\nDate: " + std::string(kDate) +
                                    "\r\nConnection: close\r\nContent-Type: text/html\r\nContent-Length: " +
                                    std::to_string(page.size()) + "\r\n\r\n");
    CHECK(page.find("&lt;script&gt;&quot;a&quot; &amp; &#x27;b&#x27;&lt;/script&gt;") != std::string::npos);
    CHECK(page.find("<title>Bad Request</title>") != std::string::npos);
}

TEST_CASE("an error page for HEAD has the length of the page and no page") {
    std::string with_page;
    std::string without;
    ResponseContext context = context_of(kHttp10);
    const std::size_t size = http::encode_error_page(503, "Busy", "", context, with_page);
    CHECK(with_page.size() - with_page.find("\r\n\r\n") - 4 == size);
    context.is_head = true;
    CHECK(http::encode_error_page(503, "Busy", "", context, without) == 0);
    CHECK(without == with_page.substr(0, with_page.find("\r\n\r\n") + 4));
    CHECK(without.starts_with("HTTP/1.0 503 Busy\r\n"));
}

TEST_CASE("early hints are a response without a body before the response") {
    std::string out;
    ResponseHead hints;
    REQUIRE(hints.add("Link", "</style.css>; rel=preload"));
    REQUIRE(hints.add("Connection", "close"));
    REQUIRE(hints.add("Content-Length", "5"));
    http::encode_early_hints(hints, out);
    CHECK(out == "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n");
}

TEST_CASE("dates are IMF-fixdates") {
    const std::pair<std::int64_t, std::string_view> rows[] = {
        {0, "Thu, 01 Jan 1970 00:00:00 GMT"},
        {784111777, "Sun, 06 Nov 1994 08:49:37 GMT"},
        {951827696, "Tue, 29 Feb 2000 12:34:56 GMT"},
        {4107542399, "Sun, 28 Feb 2100 23:59:59 GMT"},
    };
    for (const auto& [seconds, date] : rows) {
        std::string out = "Date: ";
        http::append_http_date(seconds, out);
        CHECK(out == "Date: " + std::string(date));
    }
}

TEST_CASE("a status has its registered phrase") {
    CHECK(http::reason_phrase(200) == "OK");
    CHECK(http::reason_phrase(431) == "Request Header Fields Too Large");
    CHECK(http::reason_phrase(299) == "Unknown");
}

}  // namespace gunicorn::test
