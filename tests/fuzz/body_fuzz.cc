// The first four bytes are limits, a place to cut and the length of a body that is not chunked; the others are what
// comes behind a head.

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string>

#include "base/assert.h"
#include "base/text.h"
#include "fuzz/fuzz_target.h"
#include "http/body_decoder.h"

namespace gunicorn::fuzz {
namespace {

struct Setup {
    http::Limits limits;
    http::Framing framing = http::Framing::chunked;
    std::uint64_t length = 0;
};

Setup setup_of(std::string_view bytes) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(bytes[i])); };
    Setup setup;
    if ((byte(0) & 1U) != 0) setup.limits = {.fields = 2, .field_size = 24, .body = 20, .chunk_extensions = 16};
    if ((byte(0) & 2U) != 0) setup.limits = {.fields = 0, .field_size = 0, .body = 0, .chunk_extensions = 0};
    if ((byte(0) & 4U) != 0) setup.framing = http::Framing::length;
    setup.length = byte(2) * 256 + byte(3);
    return setup;
}

struct CountingSink final : http::BodySink {
    void append(std::string_view piece) override {
        GN_ASSERT(!piece.empty(), "the sink is not asked for nothing");
        bytes += piece;
    }
    std::string bytes;
};

struct Outcome {
    std::optional<http::ParseError> error;
    bool is_complete = false;
    std::size_t consumed = 0;  // this and what follows when it is complete
    std::string body;
    std::string trailers;
    bool operator==(const Outcome&) const = default;
};

/// One body, piece by piece.
class Reader {
public:
    explicit Reader(const Setup& setup) : decoder_(setup.limits), limits_(setup.limits) {
        decoder_.start(setup.framing, setup.length);
        feed({});  // a body of no bytes, or one that is refused for its length, is so without any
    }

    /// The piece has a buffer of its own, so that AddressSanitizer sees who reads past its end or keeps a view into it.
    void feed(std::string_view piece) {
        if (outcome_.error || outcome_.is_complete) return;
        const std::string buffer(piece);
        const auto progress = decoder_.feed(buffer, sink_);
        GN_ASSERT(decoder_.decoded() == sink_.bytes.size(), "the decoder counts what it hands over");
        GN_ASSERT(limits_.body == 0 || decoder_.decoded() <= limits_.body, "a body keeps its limit");
        if (!progress) {
            outcome_.error = progress.error();
            const auto again = decoder_.feed("0\r\n\r\n", sink_);
            GN_ASSERT(!again && again.error() == progress.error(), "an error is final");
            GN_ASSERT(!decoder_.is_complete(), "and no body");
            return;
        }
        GN_ASSERT(progress->consumed <= buffer.size(), "no more is used than there is");
        GN_ASSERT(progress->complete || progress->consumed == buffer.size(), "who wants more has used all");
        GN_ASSERT(progress->complete == decoder_.is_complete(), "the decoder says one thing");
        consumed_ += progress->consumed;
        outcome_.is_complete = progress->complete;
        if (progress->complete) take_trailers();
    }

    Outcome outcome() {
        if (outcome_.is_complete) {
            outcome_.consumed = consumed_;
            outcome_.body = sink_.bytes;
        }
        return outcome_;
    }

private:
    void take_trailers() {
        const http::FieldList& trailers = decoder_.trailers();
        GN_ASSERT(limits_.fields == 0 || trailers.size() <= limits_.fields, "the trailers keep their limit");
        for (std::size_t i = 0; i < trailers.size(); ++i) {
            const auto [name, value] = trailers[i];
            for (const char* forbidden :
                 {"content-length", "transfer-encoding", "host", "authorization", "x-forwarded-for"}) {
                GN_ASSERT(!text::equal_ignoring_case(name, forbidden),
                          "what frames or routes does not come behind a body");
            }
            GN_ASSERT(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos,
                      "a value is one line");
            outcome_.trailers += std::string(name) + '=' + std::string(value) + '\n';
        }
    }

    http::BodyDecoder decoder_;
    const http::Limits& limits_;
    CountingSink sink_;
    std::size_t consumed_ = 0;
    Outcome outcome_;
};

/// The decoder that one meets elsewhere: lines end with LF, a size is what strtoull finds, nothing is checked. Nothing
/// when the body has no end.
std::optional<Outcome> read_carelessly(std::string_view bytes) {
    Outcome outcome{.is_complete = true};
    const auto line = [&]() -> std::optional<std::string> {
        const std::size_t lf = bytes.find('\n', outcome.consumed);
        if (lf == std::string_view::npos) return std::nullopt;
        std::string text(bytes.substr(outcome.consumed, lf - outcome.consumed));
        outcome.consumed = lf + 1;
        if (text.ends_with('\r')) text.pop_back();
        return text;
    };
    for (;;) {
        const auto head = line();
        if (!head) return std::nullopt;
        const std::uint64_t size = std::strtoull(head->c_str(), nullptr, 16);
        if (size == 0) break;
        if (size > bytes.size() - outcome.consumed) return std::nullopt;
        outcome.body += bytes.substr(outcome.consumed, static_cast<std::size_t>(size));
        outcome.consumed += static_cast<std::size_t>(size);
        if (!line()) return std::nullopt;
    }
    for (auto trailer = line(); trailer; trailer = line()) {
        if (trailer->empty()) return outcome;
    }
    return std::nullopt;
}

}  // namespace

void body(std::string_view bytes) {
    if (bytes.size() < 4) return;
    const Setup setup = setup_of(bytes);
    const auto place = static_cast<std::size_t>(static_cast<unsigned char>(bytes[1]));
    const std::string_view message = bytes.substr(4);

    Reader whole(setup);
    whole.feed(message);
    const Outcome outcome = whole.outcome();

    Reader byte_by_byte(setup);
    for (std::size_t i = 0; i < message.size(); ++i) byte_by_byte.feed(message.substr(i, 1));
    GN_ASSERT(byte_by_byte.outcome() == outcome, "the outcome does not depend on the cuts");

    Reader in_two(setup);
    const std::size_t cut = place * message.size() / 256;
    in_two.feed(message.substr(0, cut));
    in_two.feed(message.substr(cut));
    GN_ASSERT(in_two.outcome() == outcome, "nor on one cut");

    if (!outcome.is_complete) return;
    if (setup.framing == http::Framing::length) {
        GN_ASSERT(outcome.body == message.substr(0, setup.length), "a body of a length is those bytes");
        return;
    }
    const auto careless = read_carelessly(message);
    GN_ASSERT(careless && careless->body == outcome.body && careless->consumed == outcome.consumed,
              "what is accepted has one reading, whoever reads it");
}

}  // namespace gunicorn::fuzz
