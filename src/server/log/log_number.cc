#include "server/log/log_number.h"

#include <charconv>

namespace gunicorn::server {

void append_number(std::int64_t number, std::string& out) {
    char digits[24];
    const std::to_chars_result end = std::to_chars(digits, digits + sizeof digits, number);
    out.append(digits, end.ptr);
}

void append_decimal_seconds(std::chrono::nanoseconds duration, std::string& out) {
    const std::int64_t total = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
    append_number(total / 1'000'000, out);
    char fraction[] = ".000000";
    std::int64_t rest = total % 1'000'000;
    for (int i = 6; i > 0; --i, rest /= 10) fraction[i] = static_cast<char>('0' + rest % 10);
    out.append(fraction, 7);
}

}  // namespace gunicorn::server
