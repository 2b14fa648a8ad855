#include "http/http_date.h"

#include <chrono>
#include <cstddef>

namespace gunicorn::http {
namespace {

constexpr char kDays[] = "SunMonTueWedThuFriSat";
constexpr char kMonths[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

void append_digits(unsigned number, int count, std::string& out) {
    if (count > 1) append_digits(number / 10, count - 1, out);
    out += static_cast<char>('0' + number % 10);
}

}  // namespace

void append_http_date(std::int64_t unix_seconds, std::string& out) {
    const std::chrono::sys_seconds time{std::chrono::seconds{unix_seconds}};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{time - day};
    out.append(kDays + std::size_t{3} * std::chrono::weekday{day}.c_encoding(), 3);
    out += ", ";
    append_digits(static_cast<unsigned>(date.day()), 2, out);
    out += ' ';
    out.append(kMonths + std::size_t{3} * (static_cast<unsigned>(date.month()) - 1), 3);
    out += ' ';
    append_digits(static_cast<unsigned>(static_cast<int>(date.year())), 4, out);
    out += ' ';
    append_digits(static_cast<unsigned>(clock.hours().count()), 2, out);
    out += ':';
    append_digits(static_cast<unsigned>(clock.minutes().count()), 2, out);
    out += ':';
    append_digits(static_cast<unsigned>(clock.seconds().count()), 2, out);
    out += " GMT";
}

}  // namespace gunicorn::http
