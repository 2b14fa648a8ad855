#include "config/python_int.h"

#include <limits>
#include <string>

#include "base/text.h"

namespace gunicorn::config {
namespace {

int digit_of(char c) {
    if (text::is_digit(c)) return c - '0';
    const char small = text::lower(c);
    return small >= 'a' && small <= 'z' ? small - 'a' + 10 : 99;
}

/// The base that a prefix names, which is then removed; 10 when there is none.
int take_prefix(std::string_view& digits) {
    if (digits.size() < 2 || digits[0] != '0') return 10;
    const char letter = text::lower(digits[1]);
    const int base = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 10;
    if (base == 10) return 10;
    digits.remove_prefix(2);
    if (!digits.empty() && digits.front() == '_') digits.remove_prefix(1);
    return base;
}

}  // namespace

PythonInt parse_python_int(std::string_view text, int base) {
    std::string_view digits = text::trim(text);
    const bool negative = !digits.empty() && digits.front() == '-';
    if (negative || (!digits.empty() && digits.front() == '+')) digits.remove_prefix(1);

    const bool any_base = base == 0;
    if (any_base) base = take_prefix(digits);
    const bool leading_zero = any_base && base == 10 && !digits.empty() && digits.front() == '0';

    constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    const std::uint64_t limit = negative ? kMax + 1 : kMax;
    std::uint64_t value = 0;
    bool too_big = false;
    bool after_digit = false;
    for (const char c : digits) {
        if (c == '_' && after_digit) {
            after_digit = false;
            continue;
        }
        const int digit = digit_of(c);
        if (digit >= base || (leading_zero && digit != 0)) return {};
        after_digit = true;
        const auto next = static_cast<std::uint64_t>(digit);
        too_big = too_big || value > (limit - next) / static_cast<std::uint64_t>(base);
        if (!too_big) value = value * static_cast<std::uint64_t>(base) + next;
    }
    if (!after_digit) return {};  // nothing at all, or an underscore at the end
    if (too_big) return {IntOutcome::too_big, 0};
    return {IntOutcome::ok, static_cast<std::int64_t>(negative ? 0 - value : value)};
}

PythonInt parse_auto_int(std::string_view text) {
    if (text.size() >= 2 && text[0] == '0' && text::is_digit(text[1])) {
        return parse_python_int("0o" + std::string(text.substr(1)), 0);
    }
    return parse_python_int(text, 0);
}

}  // namespace gunicorn::config
