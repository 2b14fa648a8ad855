#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "http/limits.h"
#include "http/parse_error.h"
#include "http/progress.h"
#include "http/request_head.h"

namespace gunicorn::http {

/// Reads a request head (RFC 9112 2 to 6) from bytes as they come. The outcome does not depend on how they were cut; time is
/// linear in the bytes, memory is bounded by the limits. An error is final: what follows it must not be parsed.
class HeadParser {
public:
    HeadParser(const Limits& limits, const ParsePolicy& policy) noexcept : limits_(limits), policy_(policy) {}

    /// Fills `head`, which must be the same object from the first byte of a head to its last; the first call clears it.
    /// Until the head is complete only its request_line() may be read. Once complete or failed, says the same again until
    /// reset(). The fields are those that came, but a host that the target names is the value of Host, whether one came
    /// or not.
    Result<Progress, ParseError> feed(std::string_view bytes, RequestHead& head);

    /// Ready for the next head of the connection.
    void reset() noexcept;

    /// A byte of a request was read (not counting empty lines before it): this is no longer an idle connection.
    [[nodiscard]] bool has_started() const noexcept { return state_ > State::empty_lines; }

    /// The whole head may be read.
    [[nodiscard]] bool is_complete() const noexcept { return state_ == State::complete; }

private:
    enum class State : std::uint8_t { fresh, empty_lines, request_line, field_line, complete, failed };

    // A line or the beginning of one, without its LF: what can be said of the beginning is said of the whole line first.
    Result<void, ParseError> check_so_far(std::string_view line);
    Result<void, ParseError> check_field_so_far(std::string_view line) const;
    // A whole line with its CR. It is also the end of the arena of the head.
    Result<void, ParseError> on_line(std::string_view line, RequestHead& head);
    Result<void, ParseError> on_request_line(std::string_view line, RequestHead& head);
    Result<void, ParseError> on_field_line(std::string_view line, RequestHead& head);
    Result<void, ParseError> on_end_of_fields(RequestHead& head);
    Result<void, ParseError> take_host_of_target(FieldList& fields) const;
    Unexpected<ParseError> fail(ParseError error) noexcept;

    Limits limits_;
    ParsePolicy policy_;
    State state_ = State::fresh;
    ParseError error_{};            // when failed
    std::uint8_t empty_lines_ = 0;  // before the request line
    std::size_t line_start_ = 0;    // in the arena of the head
    Span scheme_;                   // of a target in absolute-form, and its authority
    Span authority_;
    std::size_t field_size_ = 0;    // bytes of the last field with its folded lines and CRLFs; 0 before the first
    std::size_t field_count_ = 0;
};

}  // namespace gunicorn::http
