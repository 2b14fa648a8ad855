#include "http/parse_error.h"

#include <array>
#include <cstddef>

namespace gunicorn::http {
namespace {

constexpr std::array<ParseErrorInfo, kParseErrorCount> kTable = {
    ParseErrorInfo{ParseError::tls_handshake, "tls_handshake", 400, "RFC 9110 4.2.1",
                   "a TLS handshake came on a port that speaks plain HTTP"},
    ParseErrorInfo{ParseError::request_line_too_long, "request_line_too_long", 414, "RFC 9112 3",
                   "the request line is too long"},
    ParseErrorInfo{ParseError::bad_request_line, "bad_request_line", 400, "RFC 9112 3",
                   "the request line is not method, target and version with one space between"},
    ParseErrorInfo{ParseError::bad_method, "bad_method", 400, "RFC 9110 9.1", "the method is not one that is accepted here"},
    ParseErrorInfo{ParseError::bad_target, "bad_target", 400, "RFC 9112 3.2",
                   "the request target is malformed or does not go with the method"},
    ParseErrorInfo{ParseError::bad_version, "bad_version", 400, "RFC 9112 2.3", "the protocol version is malformed"},
    ParseErrorInfo{ParseError::unsupported_version, "unsupported_version", 505, "RFC 9110 15.6.6",
                   "the protocol version is not supported"},
    ParseErrorInfo{ParseError::too_many_empty_lines, "too_many_empty_lines", 400, "RFC 9112 2.2",
                   "too many empty lines before the request line"},
    ParseErrorInfo{ParseError::bare_line_feed, "bare_line_feed", 400, "RFC 9112 2.2", "a line ends with LF alone"},
    ParseErrorInfo{ParseError::bare_carriage_return, "bare_carriage_return", 400, "RFC 9112 2.2", "a CR without its LF"},
    ParseErrorInfo{ParseError::field_too_large, "field_too_large", 431, "RFC 6585 5", "a header field is too large"},
    ParseErrorInfo{ParseError::too_many_fields, "too_many_fields", 431, "RFC 6585 5", "too many header fields"},
    ParseErrorInfo{ParseError::bad_field_line, "bad_field_line", 400, "RFC 9112 5",
                   "a header line without a name and a colon"},
    ParseErrorInfo{ParseError::bad_field_name, "bad_field_name", 400, "RFC 9110 5.1",
                   "the name of a header field is not a token"},
    ParseErrorInfo{ParseError::space_before_colon, "space_before_colon", 400, "RFC 9112 5.1",
                   "white space between the name of a header field and its colon"},
    ParseErrorInfo{ParseError::bad_field_value, "bad_field_value", 400, "RFC 9110 5.5",
                   "a control character in the value of a header field"},
    ParseErrorInfo{ParseError::obsolete_folding, "obsolete_folding", 400, "RFC 9112 5.2", "a folded header line"},
    ParseErrorInfo{ParseError::duplicate_field, "duplicate_field", 400, "RFC 9110 5.3",
                   "a header field that may come once came twice"},
    ParseErrorInfo{ParseError::bad_host, "bad_host", 400, "RFC 9112 3.2", "the Host field is malformed"},
    ParseErrorInfo{ParseError::host_disagrees, "host_disagrees", 400, "RFC 9112 3.2.2",
                   "the Host field is not the host of the request target"},
    ParseErrorInfo{ParseError::expectation_failed, "expectation_failed", 417, "RFC 9110 10.1.1",
                   "an expectation other than 100-continue"},
    ParseErrorInfo{ParseError::underscore_in_field_name, "underscore_in_field_name", 400, "RFC 3875 4.1.18",
                   "the name of a header field has an underscore in it"},
    ParseErrorInfo{ParseError::scheme_conflict, "scheme_conflict", 400, "RFC 7239 8",
                   "header fields disagree about the scheme"},
    ParseErrorInfo{ParseError::bad_content_length, "bad_content_length", 400, "RFC 9110 8.6",
                   "Content-Length is not a number, or too large"},
    ParseErrorInfo{ParseError::bad_transfer_encoding, "bad_transfer_encoding", 400, "RFC 9112 6.1",
                   "Transfer-Encoding is malformed, or chunked is not its last coding"},
    ParseErrorInfo{ParseError::unsupported_transfer_coding, "unsupported_transfer_coding", 501, "RFC 9112 6.1",
                   "the transfer coding is not supported"},
    ParseErrorInfo{ParseError::transfer_encoding_with_length, "transfer_encoding_with_length", 400, "RFC 9112 6.1",
                   "both Transfer-Encoding and Content-Length"},
    ParseErrorInfo{ParseError::transfer_encoding_in_old_version, "transfer_encoding_in_old_version", 400, "RFC 9112 6.1",
                   "Transfer-Encoding in HTTP/1.0"},
    ParseErrorInfo{ParseError::body_too_large, "body_too_large", 413, "RFC 9110 15.5.14", "the body is too large"},
    ParseErrorInfo{ParseError::bad_chunk_size, "bad_chunk_size", 400, "RFC 9112 7.1",
                   "the size of a chunk is not a hexadecimal number"},
    ParseErrorInfo{ParseError::chunk_size_overflow, "chunk_size_overflow", 400, "RFC 9112 7.1",
                   "the size of a chunk is too large"},
    ParseErrorInfo{ParseError::bad_chunk_extension, "bad_chunk_extension", 400, "RFC 9112 7.1.1",
                   "a control character in a chunk extension"},
    ParseErrorInfo{ParseError::chunk_extensions_too_large, "chunk_extensions_too_large", 400, "RFC 9112 7.1.1",
                   "the chunk extensions are too large"},
    ParseErrorInfo{ParseError::bad_chunk_end, "bad_chunk_end", 400, "RFC 9112 7.1",
                   "a chunk does not end where its size says"},
    ParseErrorInfo{ParseError::forbidden_trailer, "forbidden_trailer", 400, "RFC 9110 6.5.1",
                   "a field that may not come behind the body"},
};

constexpr bool is_in_order() {
    for (std::size_t i = 0; i < kTable.size(); ++i) {
        if (static_cast<std::size_t>(kTable[i].error) != i) return false;
    }
    return true;
}
static_assert(is_in_order(), "the table has one row for each ParseError, in the order of the enum");

}  // namespace

const ParseErrorInfo& info_of(ParseError error) noexcept { return kTable[static_cast<std::size_t>(error)]; }
int status_of(ParseError error) noexcept { return info_of(error).status; }
std::string_view text_of(ParseError error) noexcept { return info_of(error).text; }

}  // namespace gunicorn::http
