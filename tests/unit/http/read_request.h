#pragma once
// A whole request through HeadParser and BodyDecoder, as an engine would feed them.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/body_decoder.h"
#include "http/head_parser.h"
#include "support/grind.h"

namespace gunicorn::test {

struct StringSink final : http::BodySink {
    void append(std::string_view piece) override { bytes += piece; }
    std::string bytes;
};

using Fields = std::vector<std::pair<std::string, std::string>>;

/// What came of one request.
struct Outcome {
    std::optional<http::ParseError> error;
    bool has_head = false;
    bool is_complete = false;
    http::RequestHead head;  // when has_head
    std::string body;        // when is_complete
    Fields trailers;
    std::size_t consumed = 0;  // when is_complete

    [[nodiscard]] Fields fields() const;
    /// The name of the error, "incomplete" or "complete".
    [[nodiscard]] std::string_view verdict() const;
};

/// Everything that may be asked of an outcome, as text to compare.
std::string describe(const Outcome& outcome);

Outcome read_pieces(const Pieces& pieces, const http::Limits& limits = {}, const http::ParsePolicy& policy = {});

/// Reads one request under every segmentation; all of them must come to the same outcome, which is returned.
Outcome read_request(std::string_view bytes, const http::Limits& limits = {}, const http::ParsePolicy& policy = {});

}  // namespace gunicorn::test
