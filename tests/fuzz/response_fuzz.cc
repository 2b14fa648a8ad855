// What an application may say: parts between bytes of 0xff. The first part is the request and the number of header
// parts; then come the status, names and values in turn, and pieces of the body.

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/assert.h"
#include "base/text.h"
#include "fuzz/fuzz_target.h"
#include "http/body_decoder.h"
#include "http/characters.h"
#include "http/response_encoder.h"
#include "http/response_head.h"

namespace gunicorn::fuzz {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

std::vector<std::string> split(std::string_view bytes) {
    std::vector<std::string> parts;
    for (;;) {
        const std::size_t end = std::min(bytes.find('\xff'), bytes.size());
        parts.emplace_back(bytes.substr(0, end));
        if (end == bytes.size()) return parts;
        bytes.remove_prefix(end + 1);
    }
}

/// What a client reads: one response and how many bytes it has. Lines end with CRLF, as they must.
struct Reading {
    std::string status_line;
    Fields fields;
    std::string body;
    std::size_t size = 0;
    bool is_complete = false;
    bool ends_with_connection = false;

    [[nodiscard]] std::vector<std::string> values(std::string_view name) const {
        std::vector<std::string> found;
        for (const auto& field : fields) {
            if (text::equal_ignoring_case(field.first, name)) found.push_back(field.second);
        }
        return found;
    }
};

struct StringSink final : http::BodySink {
    void append(std::string_view piece) override { bytes += piece; }
    std::string bytes;
};

Reading read(std::string_view bytes, bool is_head) {
    Reading reading;
    const auto line = [&] {
        const std::size_t end = bytes.find('\n', reading.size);
        GN_ASSERT(end != std::string_view::npos && end > reading.size && bytes[end - 1] == '\r',
                  "a line ends with CRLF");
        const std::string_view text = bytes.substr(reading.size, end - 1 - reading.size);
        GN_ASSERT(text.find_first_of(std::string_view("\r\0", 2)) == std::string_view::npos,
                  "and has nothing of an end before");
        reading.size = end + 1;
        return text;
    };
    reading.status_line = line();
    for (std::string_view text = line(); !text.empty(); text = line()) {
        const std::size_t colon = text.find(':');
        GN_ASSERT(colon != std::string_view::npos && http::is_token(text.substr(0, colon)), "a field has a name");
        reading.fields.emplace_back(text.substr(0, colon), http::trim_blanks(text.substr(colon + 1)));
    }
    const auto lengths = reading.values("content-length");
    const auto codings = reading.values("transfer-encoding");
    GN_ASSERT(lengths.size() <= 1 && codings.size() <= 1 && lengths.size() + codings.size() <= 1,
              "there is one framing");
    GN_ASSERT(codings.empty() || codings[0] == "chunked", "which the reader knows");

    // RFC 9112 6.3
    const std::string_view code = std::string_view(reading.status_line).substr(9, 3);
    const bool has_none = is_head || code[0] == '1' || code == "204" || code == "304";
    GN_ASSERT((code[0] != '1' && code != "204") || (lengths.empty() && codings.empty()),
              "RFC 9110 8.6: no framing there");
    reading.ends_with_connection = !has_none && lengths.empty() && codings.empty();
    if (reading.ends_with_connection) {
        reading.body = bytes.substr(reading.size);
        reading.size = bytes.size();
        reading.is_complete = true;
        return reading;
    }
    http::BodyDecoder decoder(http::Limits{});
    StringSink sink;
    decoder.start(has_none          ? http::Framing::none
                  : codings.empty() ? http::Framing::length
                                    : http::Framing::chunked,
                  lengths.empty() ? 0 : text::parse_decimal(lengths[0]).value_or(0));
    const auto progress = decoder.feed(bytes.substr(reading.size), sink);
    GN_ASSERT(progress, "what the encoder writes the decoder reads");
    reading.size += progress->consumed;
    reading.is_complete = progress->complete;
    reading.body = sink.bytes;
    return reading;
}

/// The fields that a client must see, from what the application said.
Fields fields_of(const http::ResponseHead& head, bool strips_length) {
    Fields fields;
    for (std::size_t i = 0; i < head.fields().size(); ++i) {
        const auto [name, value] = head.fields()[i];
        if (strips_length && text::equal_ignoring_case(name, "content-length")) continue;
        fields.emplace_back(name, value);
    }
    return fields;
}

void check_head(const Reading& reading, const http::ResponseHead& head, const http::ResponseContext& context,
                const http::ResponseEncoder& encoder) {
    const std::string version = context.request_version >= http::kHttp11 ? "HTTP/1.1 " : "HTTP/1.0 ";
    GN_ASSERT(reading.status_line == version + std::string(head.status_line()), "the status is the application's");
    GN_ASSERT(reading.values("server") == std::vector<std::string>{"gunicorn"}, "Server is ours");
    GN_ASSERT(reading.values("date") == std::vector<std::string>{"now"}, "and Date");
    const auto connection = reading.values("connection");
    GN_ASSERT(connection.size() == 1, "one Connection");
    const std::string expected = head.is_upgrade() ? "upgrade" : encoder.may_keep_alive() ? "keep-alive" : "";
    GN_ASSERT(expected.empty() || connection[0] == expected, "which promises no more than is kept");
    GN_ASSERT(!reading.ends_with_connection || connection[0] != "keep-alive", "an end by close needs one");

    const bool strips_length = head.status_code() < 200 || head.status_code() == 204;
    const Fields said = fields_of(head, strips_length);
    std::size_t found = 0;
    for (const auto& field : reading.fields) {
        if (found < said.size() && said[found] == field) ++found;
    }
    GN_ASSERT(found == said.size(), "all that the application said is there, in order");
    // Server, Date, Connection, and maybe what frames the body.
    GN_ASSERT(reading.fields.size() >= said.size() + 3 && reading.fields.size() <= said.size() + 4, "and nothing else");
}

http::ResponseHead head_of(const std::vector<std::string>& parts, std::size_t& next, std::size_t count) {
    http::ResponseHead head;
    if (next < parts.size() && !head.set_status(parts[next])) {
        GN_ASSERT(head.status_code() == 0, "what is refused leaves nothing");
        GN_ASSERT(head.set_status("200 OK"), "a good status");
    }
    ++next;
    for (std::size_t i = 0; i < count && next + 1 < parts.size(); ++i, next += 2) {
        const std::size_t before = head.fields().size();
        if (!head.add(parts[next], parts[next + 1]))
            GN_ASSERT(head.fields().size() == before, "a refusal adds nothing");
    }
    return head;
}

void check_error_page(const std::string& message, const http::ResponseContext& context) {
    std::string out;
    http::encode_error_page(400, {}, message, context, out);
    const Reading page = read(out, context.is_head);
    GN_ASSERT(page.is_complete && page.size == out.size(), "a page is one response");
    GN_ASSERT(page.values("connection") == std::vector<std::string>{"close"}, "and the last");
    GN_ASSERT(context.is_head || std::count(page.body.begin(), page.body.end(), '<') == (message.empty() ? 10 : 12),
              "the message is text");
}

}  // namespace

void response(std::string_view bytes) {
    const std::vector<std::string> parts = split(bytes);
    const unsigned flags = parts[0].empty() ? 0 : static_cast<unsigned char>(parts[0][0]);
    const std::size_t field_count = parts[0].size() < 2 ? 0 : static_cast<unsigned char>(parts[0][1]) % 16;
    const http::ResponseContext context{.request_version = (flags & 1U) != 0 ? http::kHttp10 : http::kHttp11,
                                        .is_head = (flags & 2U) != 0,
                                        .keep_alive = (flags & 4U) != 0,
                                        .date = "now"};
    std::size_t next = parts.size() > 1 ? 1 : 0;
    const http::ResponseHead head = head_of(parts, next, field_count);
    if (head.status_code() == 0) return;

    std::string whole;  // what the application gives
    for (std::size_t i = next; i < parts.size(); ++i) whole += parts[i];
    std::optional<std::uint64_t> known_length;
    if ((flags & 8U) != 0) known_length = whole.size();

    http::ResponseEncoder encoder;
    std::string out;
    encoder.start(context, head, known_length, out);
    std::string sent;
    std::size_t dropped = 0;
    for (std::size_t i = next; i < parts.size(); ++i) {
        const http::Framed framed = encoder.frame(parts[i], out);
        GN_ASSERT(framed.piece == std::string_view(parts[i]).substr(0, framed.piece.size()), "a piece is a beginning");
        GN_ASSERT(framed.piece.size() + framed.dropped == parts[i].size(), "and the rest is counted");
        out += framed.piece;
        out += framed.suffix;
        sent += framed.piece;
        dropped += framed.dropped;
    }
    if ((flags & 16U) != 0) encoder.abort();
    out += encoder.finish();

    const Reading reading = read(out, context.is_head);
    check_head(reading, head, context, encoder);
    GN_ASSERT(reading.body == sent && encoder.bytes_of_body() == sent.size(), "the body is what was sent");
    GN_ASSERT(whole.starts_with(sent) && sent.size() + dropped == whole.size(),
              "which is a beginning of what was given");
    GN_ASSERT(reading.size == out.size(), "nothing follows the end");
    GN_ASSERT(reading.is_complete || !encoder.may_keep_alive(), "a body that was cut ends the connection");
    check_error_page(whole, context);
    if (!encoder.may_keep_alive()) return;

    // On a kept connection the client finds the end by itself, whatever comes next.
    const Reading first = read(out + "HTTP/1.1 200 OK\r\n\r\n", context.is_head);
    GN_ASSERT(first.size == out.size() && first.body == sent, "two responses stay two");
}

}  // namespace gunicorn::fuzz
