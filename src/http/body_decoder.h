#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "http/field_list.h"
#include "http/limits.h"
#include "http/parse_error.h"
#include "http/progress.h"
#include "http/request_head.h"

namespace gunicorn::http {

/// Takes decoded bytes of a body. The view is lent for the call.
class BodySink {
public:
    virtual void append(std::string_view bytes) = 0;

protected:
    ~BodySink() = default;
};

/// Decodes the body of a request (RFC 9112 6, 7) from bytes as they come: the outcome does not depend on how they were cut.
/// A cut body never completes. An error is final.
class BodyDecoder {
public:
    explicit BodyDecoder(const Limits& limits) noexcept : limits_(limits) {}

    /// Ready for the body of this head. Without a start there is no body.
    void start(const RequestHead& head) noexcept { start(head.framing(), head.content_length()); }
    void start(Framing framing, std::uint64_t content_length) noexcept;

    /// Hands the decoded bytes to `sink`, in views into `bytes`, and stops behind the last byte of the body. An empty input
    /// asks whether there is anything to wait for. What the sink got before an error is no body.
    Result<Progress, ParseError> feed(std::string_view bytes, BodySink& sink);

    [[nodiscard]] bool is_complete() const noexcept { return state_ == State::complete; }
    /// Decoded bytes so far.
    [[nodiscard]] std::uint64_t decoded() const noexcept { return decoded_; }
    /// RFC 9110 6.5: fields behind the last chunk, once complete. Never part of an environ.
    [[nodiscard]] const FieldList& trailers() const noexcept { return trailers_; }

private:
    enum class State : std::uint8_t {
        length,            // Content-Length bytes
        chunk_size,        // 1*HEXDIG
        chunk_size_blank,  // BWS before a chunk extension
        chunk_extension,
        chunk_size_lf,
        chunk_data,
        chunk_data_cr,
        chunk_data_lf,
        trailer_line,
        complete,
        failed,
    };

    Result<Progress, ParseError> feed_length(std::string_view bytes, BodySink& sink);
    Result<Progress, ParseError> feed_chunked(std::string_view bytes, BodySink& sink);
    Result<void, ParseError> on_framing_byte(char byte);
    Result<void, ParseError> on_size_byte(char byte);
    Result<void, ParseError> on_extension_byte(char byte);
    Result<void, ParseError> on_chunk_header();
    Result<std::size_t, ParseError> on_trailer_bytes(std::string_view bytes);
    Result<void, ParseError> check_trailer_so_far(std::string_view line) const;
    Result<void, ParseError> on_trailer_line(std::string_view line);
    Unexpected<ParseError> fail(ParseError error) noexcept;

    Limits limits_;
    State state_ = State::complete;
    ParseError error_{};            // when failed
    std::uint8_t size_digits_ = 0;  // of the chunk size being read
    std::uint64_t remaining_ = 0;   // of the length, or of the chunk
    std::uint64_t decoded_ = 0;
    std::size_t extension_bytes_ = 0;
    std::size_t line_start_ = 0;  // in the arena of the trailers
    FieldList trailers_;
};

}  // namespace gunicorn::http
