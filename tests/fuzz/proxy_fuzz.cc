// The first two bytes are the mode and a place to cut; the others are what a connection begins with.

#include <string>

#include "base/assert.h"
#include "fuzz/fuzz_target.h"
#include "http/proxy_protocol.h"

namespace gunicorn::fuzz {
namespace {

struct Outcome {
    http::ProxyHeader header;
    std::string_view error;
    std::string rest;  ///< for the next reader
    bool complete = false;
    bool operator==(const Outcome&) const = default;
};

/// The beginning of a connection, in pieces.
class Connection {
public:
    explicit Connection(http::ProxyMode mode) : parser_(mode) {}

    /// Each piece has a buffer of its own, so that AddressSanitizer sees who reads past its end or keeps a view into
    /// it.
    void feed(std::string_view bytes) {
        const std::string buffer(bytes);
        if (!outcome_.error.empty()) return;
        if (outcome_.complete) {
            outcome_.rest += buffer;
            return;
        }
        const auto fed = parser_.feed(buffer, outcome_.header);
        if (!fed) {
            GN_ASSERT(parser_.is_header(), "only a header is malformed");
            outcome_.error = http::text_of(fed.error());
            GN_ASSERT(parser_.feed("PROXY UNKNOWN\r\n", outcome_.header).error() == fed.error(), "an error is final");
            outcome_.header = {};
            return;
        }
        GN_ASSERT(fed->consumed <= buffer.size(), "no more is used than there is");
        GN_ASSERT(fed->complete || fed->consumed == buffer.size(), "who wants more has used all");
        if (!fed->complete) return;
        outcome_.complete = true;
        outcome_.rest.append(parser_.held_back()).append(buffer.substr(fed->consumed));
        GN_ASSERT(parser_.is_header() == (outcome_.header.kind != http::ProxyHeader::Kind::absent), "a header is one");
    }

    [[nodiscard]] const Outcome& outcome() const { return outcome_; }

private:
    http::ProxyProtocolParser parser_;
    Outcome outcome_;
};

/// What v1 says in the words of v1 is the same.
void check_names(const http::ProxyHeader& header) {
    const std::string line = "PROXY " + std::string(header.protocol) + " " + header.source.address.to_string() + " " +
                             header.destination.address.to_string() + " " + std::to_string(header.source.port) + " " +
                             std::to_string(header.destination.port) + "\r\n";
    Connection again(http::ProxyMode::v1);
    again.feed(line);
    GN_ASSERT(again.outcome().complete && again.outcome().header == header, "what is written is read back");
}

}  // namespace

void proxy(std::string_view bytes) {
    if (bytes.size() < 2) return;
    constexpr http::ProxyMode kModes[] = {http::ProxyMode::any, http::ProxyMode::v1, http::ProxyMode::v2};
    const http::ProxyMode mode = kModes[static_cast<unsigned char>(bytes[0]) % 3U];
    const auto place = static_cast<std::size_t>(static_cast<unsigned char>(bytes[1]));
    const std::string_view message = bytes.substr(2);

    Connection whole(mode);
    whole.feed(message);
    const Outcome& outcome = whole.outcome();
    if (outcome.complete) {
        const bool is_absent = outcome.header.kind == http::ProxyHeader::Kind::absent;
        GN_ASSERT(is_absent ? outcome.rest == message : message.ends_with(outcome.rest), "what is no header is left");
        if (outcome.header.kind == http::ProxyHeader::Kind::named) check_names(outcome.header);
    }

    Connection byte_by_byte(mode);
    for (std::size_t i = 0; i < message.size(); ++i) byte_by_byte.feed(message.substr(i, 1));
    GN_ASSERT(byte_by_byte.outcome() == outcome, "the outcome does not depend on the cuts");

    Connection in_two(mode);
    const std::size_t cut = place * message.size() / 256;
    in_two.feed(message.substr(0, cut));
    in_two.feed(message.substr(cut));
    GN_ASSERT(in_two.outcome() == outcome, "nor on one cut");
}

}  // namespace gunicorn::fuzz
