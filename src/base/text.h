#pragma once
// Text without a locale: bytes in, bytes out.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gunicorn::text {

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
constexpr char upper(char c) noexcept { return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c; }

[[nodiscard]] std::string to_lower(std::string_view s);
[[nodiscard]] std::string to_upper(std::string_view s);
[[nodiscard]] bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept;

/// Without the ASCII white space (space, \t \n \v \f \r) at both ends.
[[nodiscard]] std::string_view trim(std::string_view s) noexcept;

/// How many characters UTF-8 text has; bytes that are none count as one each.
[[nodiscard]] int length(std::string_view s) noexcept;

/// Length of the well-formed UTF-8 sequence at the start of `s`, which is not empty; 0 when there is none.
[[nodiscard]] std::size_t utf8_sequence(std::string_view s) noexcept;

/// Whether a terminal or an editor may obey the character instead of showing it: controls of ASCII and Latin 1, line
/// separators, marks that turn the direction of text. `sequence` is one UTF-8 sequence.
[[nodiscard]] bool is_control(std::string_view sequence) noexcept;

/// Nothing that a terminal would obey: controls and bytes that are no UTF-8 become '?'. Tabs become one space, so that
/// columns hold.
[[nodiscard]] std::string printable(std::string_view s);

/// Splits at every separator; empty parts are kept. "a,,b" gives three.
[[nodiscard]] std::vector<std::string_view> split(std::string_view s, char separator);

/// Decimal digits only, no sign, no space; nothing on overflow.
[[nodiscard]] std::optional<std::uint64_t> parse_decimal(std::string_view s) noexcept;

/// Python's repr() of a str for ASCII text: 'abc', "it's", 'a\n'. Bytes from 0x80 are kept as they are (UTF-8).
[[nodiscard]] std::string repr(std::string_view s);

/// The word as a POSIX shell reads it back: bare when nothing in it is special, else in single quotes (shlex.quote).
[[nodiscard]] std::string shell_quote(std::string_view word);

/// Splits a command line as Python's shlex.split does (POSIX quoting, no comments). Nothing when a quotation is not closed.
[[nodiscard]] std::optional<std::vector<std::string>> shell_split(std::string_view s);

/// Up to three of `candidates` that differ from `word` by few edits, nearest first.
[[nodiscard]] std::vector<std::string_view> near_matches(std::string_view word,
                                                         const std::vector<std::string_view>& candidates);

}  // namespace gunicorn::text
