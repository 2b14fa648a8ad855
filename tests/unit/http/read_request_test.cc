#include "unit/http/read_request.h"

#include <sstream>

namespace gunicorn::test {

using http::Framing;

Fields Outcome::fields() const {
    Fields all;
    for (std::size_t i = 0; i < head.field_count(); ++i) all.emplace_back(head.field(i).name, head.field(i).value);
    return all;
}

std::string_view Outcome::verdict() const {
    if (error) return http::info_of(*error).name;
    return is_complete ? "complete" : "incomplete";
}

std::string describe(const Outcome& outcome) {
    std::ostringstream out;
    out << outcome.verdict() << '\n';
    if (!outcome.has_head) return out.str();
    const http::RequestHead& head = outcome.head;
    out << head.request_line() << '|' << head.method() << '|' << head.target() << '|' << head.path() << '|' << head.query()
        << '|' << head.fragment() << '|' << head.protocol() << '|' << int{head.version().major} << '.'
        << int{head.version().minor} << '\n'
        << static_cast<int>(head.framing()) << ' ' << head.content_length() << ' ' << head.expects_continue()
        << head.wants_keep_alive() << head.wants_upgrade() << '\n';
    for (const auto& [name, value] : outcome.fields()) out << name << '=' << value << '\n';
    if (outcome.is_complete) out << outcome.consumed << '|' << outcome.body << '\n';
    for (const auto& [name, value] : outcome.trailers) out << name << '=' << value << '\n';
    return out.str();
}

Outcome read_pieces(const Pieces& pieces, const http::Limits& limits, const http::ParsePolicy& policy) {
    http::HeadParser parser(limits, policy);
    http::BodyDecoder decoder(limits);
    StringSink sink;
    Outcome outcome;
    for (std::size_t i = 0; i < pieces.size() && !outcome.is_complete; ++i) {
        std::string_view piece = pieces[i];
        if (!outcome.has_head) {
            const auto progress = parser.feed(piece, outcome.head);
            if (!progress) {
                outcome.error = progress.error();
                return outcome;
            }
            CHECK(progress->consumed <= piece.size());
            CHECK((progress->complete || progress->consumed == piece.size()));
            outcome.consumed += progress->consumed;
            if (!progress->complete) continue;
            piece.remove_prefix(progress->consumed);
            outcome.has_head = true;
            decoder.start(outcome.head);
        }
        const auto progress = decoder.feed(piece, sink);
        if (!progress) {
            outcome.error = progress.error();
            return outcome;
        }
        CHECK(progress->consumed <= piece.size());
        CHECK((progress->complete || progress->consumed == piece.size()));
        CHECK(progress->complete == decoder.is_complete());
        outcome.consumed += progress->consumed;
        outcome.is_complete = progress->complete;
    }
    CHECK(decoder.decoded() == sink.bytes.size());
    outcome.body = sink.bytes;
    const http::FieldList& trailers = decoder.trailers();
    for (std::size_t i = 0; outcome.is_complete && i < trailers.size(); ++i) {
        outcome.trailers.emplace_back(trailers[i].name, trailers[i].value);
    }
    return outcome;
}

Outcome read_request(std::string_view bytes, const http::Limits& limits, const http::ParsePolicy& policy) {
    Pieces whole;
    whole.add(bytes);
    Outcome outcome = read_pieces(whole, limits, policy);
    const std::string expected = describe(outcome);
    grind(bytes, [&](const Pieces& pieces) { CHECK(describe(read_pieces(pieces, limits, policy)) == expected); });
    return outcome;
}

TEST_CASE("an outcome is the same with the body in the same piece as the head and without it") {
    const Outcome outcome = read_request("POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\n\r\n");
    CHECK(outcome.verdict() == "complete");
    CHECK(outcome.body == "abc");
    CHECK(outcome.consumed == 42);
}

}  // namespace gunicorn::test
