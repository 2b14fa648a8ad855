#pragma once
// Local dates of log lines without locks: safe from every thread and in a child forked while another thread writes a line.

#include <cstdint>
#include <string>

#include "base/clock.h"

namespace gunicorn::server {

/// Seconds east of UTC of local time at that moment. Asks the C library once per quarter of an hour: zones change nowhere
/// else.
[[nodiscard]] int local_offset(std::int64_t unix_seconds) noexcept;

/// "[2026-11-22 05:45:50 +0000]", the error log's.
void append_error_date(WallClock::time_point when, std::string& out);

/// "[22/Nov/2026:05:50:08 +0000]", the access log's.
void append_access_date(WallClock::time_point when, std::string& out);

/// "2026-11-22T05:50:08.123456+00:00" (RFC 3339), of the lines in JSON.
void append_rfc3339_date(WallClock::time_point when, std::string& out);

}  // namespace gunicorn::server
