#pragma once

#include <cstdint>
#include <string>

namespace gunicorn::http {

/// Appends an IMF-fixdate (RFC 9110 5.6.7), "Sun, 06 Nov 1994 08:49:37 GMT", for seconds since 1970 (years 1970 to 9999).
void append_http_date(std::int64_t unix_seconds, std::string& out);

}  // namespace gunicorn::http
