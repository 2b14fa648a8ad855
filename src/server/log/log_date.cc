#include "server/log/log_date.h"

#include <atomic>
#include <cstring>
#include <ctime>

namespace gunicorn::server {
namespace {

struct LocalTime {
    int year, month, day, hour, minute, second;
    int offset;  // seconds east of UTC
};

LocalTime local_time(WallClock::time_point when) noexcept {
    const std::int64_t seconds = std::chrono::floor<std::chrono::seconds>(when).time_since_epoch().count();
    const int offset = local_offset(seconds);
    const std::chrono::sys_seconds local{std::chrono::seconds(seconds + offset)};
    const auto day = std::chrono::floor<std::chrono::days>(local);
    const std::chrono::year_month_day date{day};
    const int second = static_cast<int>((local - day).count());
    return {static_cast<int>(date.year()),
            static_cast<int>(static_cast<unsigned>(date.month())),
            static_cast<int>(static_cast<unsigned>(date.day())),
            second / 3600,
            second / 60 % 60,
            second % 60,
            offset};
}

/// Writes `digits` decimal digits and returns what follows them.
char* put(char* at, int value, int digits) noexcept {
    for (int i = digits - 1; i >= 0; --i, value /= 10) at[i] = static_cast<char>('0' + value % 10);
    return at + digits;
}

char* put_offset(char* at, int offset) noexcept {
    *at++ = offset < 0 ? '-' : '+';
    const int minutes = (offset < 0 ? -offset : offset) / 60;
    return put(put(at, minutes / 60, 2), minutes % 60, 2);
}

}  // namespace

int local_offset(std::int64_t unix_seconds) noexcept {
    // A cache of what the C library knows, the same for everybody. Both halves in one word, so that threads never see a pair
    // that does not belong together.
    static_assert(std::atomic<std::uint64_t>::is_always_lock_free);
    constexpr std::int64_t kBias = 1 << 20;
    static std::atomic<std::uint64_t> cached{0};
    const auto quarter = static_cast<std::uint64_t>(unix_seconds / 900) + 1;
    const std::uint64_t known = cached.load(std::memory_order_relaxed);
    if (known >> 24U == (quarter & 0xff'ffff'ffffU)) {
        return static_cast<int>(static_cast<std::int64_t>(known & 0xff'ffffU) - kBias);
    }
    std::tm local{};
    const auto when = static_cast<std::time_t>(unix_seconds);
    ::tzset();
    const long offset = ::localtime_r(&when, &local) != nullptr ? local.tm_gmtoff : 0;
    cached.store((quarter << 24U) | static_cast<std::uint64_t>(offset + kBias), std::memory_order_relaxed);
    return static_cast<int>(offset);
}

void append_error_date(WallClock::time_point when, std::string& out) {
    const LocalTime t = local_time(when);
    char text[] = "[YYYY-MM-DD hh:mm:ss +0000]";
    put(text + 1, t.year, 4);
    put(text + 6, t.month, 2);
    put(text + 9, t.day, 2);
    put(text + 12, t.hour, 2);
    put(text + 15, t.minute, 2);
    put(text + 18, t.second, 2);
    put_offset(text + 21, t.offset);
    out.append(text, sizeof text - 1);
}

void append_access_date(WallClock::time_point when, std::string& out) {
    static constexpr char kMonths[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const LocalTime t = local_time(when);
    char text[] = "[DD/Mon/YYYY:hh:mm:ss +0000]";
    put(text + 1, t.day, 2);
    std::memcpy(text + 4, kMonths + 3 * (t.month - 1), 3);
    put(text + 8, t.year, 4);
    put(text + 13, t.hour, 2);
    put(text + 16, t.minute, 2);
    put(text + 19, t.second, 2);
    put_offset(text + 22, t.offset);
    out.append(text, sizeof text - 1);
}

void append_rfc3339_date(WallClock::time_point when, std::string& out) {
    const LocalTime t = local_time(when);
    const auto second = std::chrono::floor<std::chrono::seconds>(when);
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(when - second).count();
    const int minutes = (t.offset < 0 ? -t.offset : t.offset) / 60;
    char text[] = "YYYY-MM-DDThh:mm:ss.000000+00:00";
    put(text, t.year, 4);
    put(text + 5, t.month, 2);
    put(text + 8, t.day, 2);
    put(text + 11, t.hour, 2);
    put(text + 14, t.minute, 2);
    put(text + 17, t.second, 2);
    put(text + 20, static_cast<int>(micros), 6);
    if (t.offset < 0) text[26] = '-';
    put(text + 27, minutes / 60, 2);
    put(text + 30, minutes % 60, 2);
    out.append(text, sizeof text - 1);
}

}  // namespace gunicorn::server
