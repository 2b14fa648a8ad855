#pragma once

#include <cstdint>
#include <string_view>

namespace gunicorn::config {

enum class IntOutcome { ok, invalid, too_big };

struct PythonInt {
    IntOutcome outcome = IntOutcome::invalid;
    std::int64_t value = 0;  ///< with IntOutcome::ok
};

/// Python's int(text, base) for base 10 and 0: white space around it, a sign, single underscores between digits; base 0 also
/// reads 0x, 0o and 0b and refuses other leading zeros. Numbers beyond 64 bits are too_big. ASCII digits only.
[[nodiscard]] PythonInt parse_python_int(std::string_view text, int base);

/// Gunicorn's auto_int: int(text, 0) that reads C's octal numbers too ("022" is 18).
[[nodiscard]] PythonInt parse_auto_int(std::string_view text);

}  // namespace gunicorn::config
