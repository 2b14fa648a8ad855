#pragma once
// Everything that can be wrong with a request: one enum, one row of a table each.

#include <string_view>

namespace gunicorn::http {

/// Why a request is refused. After any of these nothing that is buffered may be parsed; the connection is answered and
/// closed.
enum class ParseError {
    // request line
    tls_handshake,
    request_line_too_long,
    bad_request_line,
    bad_method,
    bad_target,
    bad_version,
    unsupported_version,
    too_many_empty_lines,
    // lines and fields
    bare_line_feed,
    bare_carriage_return,
    field_too_large,
    too_many_fields,
    bad_field_line,
    bad_field_name,
    space_before_colon,
    bad_field_value,
    obsolete_folding,
    duplicate_field,
    bad_host,
    host_disagrees,
    expectation_failed,
    underscore_in_field_name,
    scheme_conflict,
    // framing
    bad_content_length,
    bad_transfer_encoding,
    unsupported_transfer_coding,
    transfer_encoding_with_length,
    transfer_encoding_in_old_version,
    // body
    body_too_large,
    bad_chunk_size,
    chunk_size_overflow,
    bad_chunk_extension,
    chunk_extensions_too_large,
    bad_chunk_end,
    forbidden_trailer,
};

inline constexpr int kParseErrorCount = static_cast<int>(ParseError::forbidden_trailer) + 1;

struct ParseErrorInfo {
    ParseError error;
    std::string_view name;    ///< the enum's own name: "bare_line_feed"
    int status;               ///< 400, 413, 414, 417, 431, 501, 505
    std::string_view clause;  ///< what it offends: "RFC 9112 2.2"
    std::string_view text;    ///< for a log and an error page; no bytes of the peer
};

/// Static data; allocates nothing.
[[nodiscard]] const ParseErrorInfo& info_of(ParseError error) noexcept;
[[nodiscard]] int status_of(ParseError error) noexcept;
[[nodiscard]] std::string_view text_of(ParseError error) noexcept;

}  // namespace gunicorn::http
