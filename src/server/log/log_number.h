#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace gunicorn::server {

void append_number(std::int64_t number, std::string& out);

/// Seconds with six decimals: "3.045678".
void append_decimal_seconds(std::chrono::nanoseconds duration, std::string& out);

}  // namespace gunicorn::server
