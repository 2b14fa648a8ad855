// The first three bytes are policy, limits and a place to cut; the others are what a connection sends, request after
// request.

#include <algorithm>
#include <sstream>
#include <string>

#include "base/assert.h"
#include "base/text.h"
#include "fuzz/fuzz_target.h"
#include "http/body_decoder.h"
#include "http/head_parser.h"

namespace gunicorn::fuzz {
namespace {

struct Rules {
    http::Limits limits;
    http::ParsePolicy policy;
};

Rules rules_of(unsigned char policy, unsigned char limits) {
    Rules rules;
    rules.policy.permit_obsolete_folding = (policy & 1U) != 0;
    rules.policy.strip_header_spaces = (policy & 2U) != 0;
    rules.policy.permit_unconventional_http_method = (policy & 4U) != 0;
    rules.policy.permit_unconventional_http_version = (policy & 8U) != 0;
    rules.policy.casefold_http_method = (policy & 16U) != 0;
    if ((limits & 1U) != 0)
        rules.limits = {.request_line = 32, .fields = 3, .field_size = 40, .body = 20, .chunk_extensions = 16};
    if ((limits & 2U) != 0)
        rules.limits = {.request_line = 0, .fields = 0, .field_size = 0, .body = 0, .chunk_extensions = 0};
    return rules;
}

struct StringSink final : http::BodySink {
    void append(std::string_view piece) override { bytes += piece; }
    std::string bytes;
};

/// A connection of pieces, and all that was read of it as text. Ends with the first error.
class Connection {
public:
    explicit Connection(const Rules& rules) : parser_(rules.limits, rules.policy), rules_(rules), decoder_(rules.limits) {}

    /// Each piece has a buffer of its own, so that AddressSanitizer sees who reads past its end or keeps a view into it.
    void feed(std::string_view bytes) {
        const std::string buffer(bytes);
        std::string_view rest = buffer;
        do {
            if (failed_) return;
            is_in_body_ ? feed_body(rest) : feed_head(rest);
        } while (!rest.empty() || is_body_to_be_asked_);
    }

    std::string outcome() const { return out_.str(); }

private:
    void feed_head(std::string_view& rest) {
        const auto progress = parser_.feed(rest, head_);
        if (!progress) return fail(progress.error());
        take(*progress, rest);
        if (!progress->complete) return;
        describe_head();
        decoder_.start(head_);
        is_in_body_ = is_body_to_be_asked_ = true;
    }

    void feed_body(std::string_view& rest) {
        is_body_to_be_asked_ = false;
        const auto progress = decoder_.feed(rest, sink_);
        if (!progress) return fail(progress.error());
        take(*progress, rest);
        GN_ASSERT(progress->complete == decoder_.is_complete(), "the decoder says one thing");
        GN_ASSERT(decoder_.decoded() == sink_.bytes.size(), "the decoder counts what it hands over");
        GN_ASSERT(rules_.limits.body == 0 || decoder_.decoded() <= rules_.limits.body, "a body keeps its limit");
        if (!progress->complete) return;
        out_ << "body " << sink_.bytes << '\n';
        for (std::size_t i = 0; i < decoder_.trailers().size(); ++i) {
            out_ << decoder_.trailers()[i].name << '=' << decoder_.trailers()[i].value << '\n';
        }
        sink_.bytes.clear();
        parser_.reset();
        is_in_body_ = false;
    }

    void take(const http::Progress& progress, std::string_view& rest) {
        GN_ASSERT(progress.consumed <= rest.size(), "no more is used than there is");
        GN_ASSERT(progress.complete || progress.consumed == rest.size(), "who wants more has used all");
        rest.remove_prefix(progress.consumed);
    }

    void fail(http::ParseError error) {
        failed_ = true;
        is_body_to_be_asked_ = false;
        const int status = http::info_of(error).status;
        GN_ASSERT(status >= 400 && status < 600, "an error has a status");
        out_ << http::info_of(error).name << '\n';
        const auto again = parser_.feed("GET / HTTP/1.1\r\n\r\n", head_);
        GN_ASSERT(is_in_body_ || (!again && again.error() == error), "an error is final");
    }

    void describe_head() {
        const http::Limits& limits = rules_.limits;
        GN_ASSERT(limits.request_line == 0 || head_.request_line().size() <= limits.request_line,
                  "a request line keeps its limit");
        const std::size_t host_of_target = head_.target().front() == '/' ? 0 : 1;
        GN_ASSERT(limits.fields == 0 || head_.field_count() <= limits.fields + host_of_target,
                  "the fields keep their limit");
        out_ << head_.request_line() << '|' << head_.method() << '|' << head_.target() << '|' << head_.path() << '|'
             << head_.query() << '|' << head_.fragment() << '|' << head_.protocol() << '|'
             << static_cast<int>(head_.framing()) << ' ' << head_.content_length() << ' ' << head_.expects_continue()
             << head_.wants_keep_alive() << head_.wants_upgrade() << '\n';
        for (std::size_t i = 0; i < head_.field_count(); ++i) {
            const http::FieldView field = head_.field(i);
            GN_ASSERT(!field.name.empty() && field.name.find_first_of(" \t\r\n:") == std::string_view::npos,
                      "a name is a token");
            GN_ASSERT(field.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos,
                      "a value is one line");
            out_ << field.name << '=' << field.value << '\n';
        }
        GN_ASSERT(count("host") <= 1 && count("content-length") <= 1, "nobody may choose between two");
        GN_ASSERT(count("transfer-encoding") == 0 || count("content-length") == 0, "there is one framing");
        GN_ASSERT((count("transfer-encoding") != 0) == (head_.framing() == http::Framing::chunked),
                  "and it is the one of the fields");
    }

    std::size_t count(std::string_view lower_name) const {
        std::size_t found = 0;
        for (std::size_t i = 0; i < head_.field_count(); ++i) {
            if (text::equal_ignoring_case(head_.field(i).name, lower_name)) ++found;
        }
        return found;
    }

    http::HeadParser parser_;
    http::RequestHead head_;
    const Rules& rules_;
    http::BodyDecoder decoder_;
    StringSink sink_;
    std::ostringstream out_;
    bool is_in_body_ = false;
    bool is_body_to_be_asked_ = false;  ///< a body of no bytes is complete without any
    bool failed_ = false;
};

}  // namespace

void head(std::string_view bytes) {
    if (bytes.size() < 3) return;
    const Rules rules = rules_of(static_cast<unsigned char>(bytes[0]), static_cast<unsigned char>(bytes[1]));
    const auto place = static_cast<std::size_t>(static_cast<unsigned char>(bytes[2]));
    const std::string_view message = bytes.substr(3);

    Connection whole(rules);
    whole.feed(message);

    Connection byte_by_byte(rules);
    for (std::size_t i = 0; i < message.size(); ++i) byte_by_byte.feed(message.substr(i, 1));
    GN_ASSERT(byte_by_byte.outcome() == whole.outcome(), "the outcome does not depend on the cuts");

    Connection in_two(rules);
    const std::size_t cut = message.empty() ? 0 : place * message.size() / 256;
    in_two.feed(message.substr(0, cut));
    in_two.feed(message.substr(cut));
    GN_ASSERT(in_two.outcome() == whole.outcome(), "nor on one cut");
}

}  // namespace gunicorn::fuzz
