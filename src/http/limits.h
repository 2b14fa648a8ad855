#pragma once
// Numbers and switches given from outside: http never sees Settings.

#include <cstddef>
#include <cstdint>

namespace gunicorn::http {

/// What a peer may send, in bytes unless it says otherwise. 0 is unlimited. All are counted while reading.
struct Limits {
    std::size_t request_line = 4094;  ///< without its CRLF (limit_request_line)
    std::size_t fields = 100;         ///< number of fields of a head, and again of a trailer section (limit_request_fields)
    std::size_t field_size = 8190;    ///< one field with all its folded lines and their CRLFs (limit_request_field_size)
    std::uint64_t body = 0;           ///< decoded body (limit_request_body)
    std::size_t chunk_extensions = 4096;  ///< all chunk extensions of one request together
};

/// What the strict grammar gives up when the user says so. Each is a setting of Gunicorn by the same name.
struct ParsePolicy {
    bool permit_obsolete_folding = false;            ///< RFC 9112 5.2: a field goes on in a line that begins with SP or HTAB
    bool strip_header_spaces = false;                ///< white space between a field name and its colon is removed
    bool permit_unconventional_http_method = false;  ///< any token is a method, not only 3 to 20 upper-case ones
    bool permit_unconventional_http_version = false;  ///< any HTTP/DIGIT.DIGIT is a version, not only 1.x
    bool casefold_http_method = false;                ///< methods are made upper-case before they are judged
};

}  // namespace gunicorn::http
