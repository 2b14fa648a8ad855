#pragma once
// Character classes of RFC 9110, by byte: no locale, no Unicode.

#include <array>
#include <cstdint>
#include <string_view>

namespace gunicorn::http {

namespace detail {

enum CharacterClass : std::uint8_t {
    kToken = 1,       // RFC 9110 5.6.2 tchar
    kFieldValue = 2,  // RFC 9110 5.5: VCHAR, obs-text, SP, HTAB
    kTarget = 4,      // VCHAR and obs-text: what a request-target may hold, as Gunicorn lets UTF-8 pass unencoded
    kRegName = 8,     // RFC 3986 unreserved and sub-delims
};

constexpr std::array<std::uint8_t, 256> make_classes() {
    std::array<std::uint8_t, 256> table{};
    for (int c = 0; c < 256; ++c) {
        const bool alphanumeric = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        auto& entry = table[static_cast<std::size_t>(c)];
        if (alphanumeric) entry |= kToken | kRegName;
        if (c > 0x20 && c != 0x7f) entry |= kTarget;
        if ((c >= 0x20 && c != 0x7f) || c == '\t') entry |= kFieldValue;
    }
    for (const char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] |= kToken;
    for (const char c : std::string_view("-._~!$&'()*+,;=")) table[static_cast<unsigned char>(c)] |= kRegName;
    return table;
}
inline constexpr std::array<std::uint8_t, 256> kClasses = make_classes();

constexpr bool is_in(char c, CharacterClass wanted) noexcept {
    return (kClasses[static_cast<unsigned char>(c)] & wanted) != 0;
}

constexpr bool all_in(std::string_view s, CharacterClass wanted) noexcept {
    for (const char c : s) {
        if (!is_in(c, wanted)) return false;
    }
    return true;
}

}  // namespace detail

constexpr bool is_token_character(char c) noexcept { return detail::is_in(c, detail::kToken); }
constexpr bool is_field_value_character(char c) noexcept { return detail::is_in(c, detail::kFieldValue); }

/// RFC 9110 5.6.2: token = 1*tchar
constexpr bool is_token(std::string_view s) noexcept { return !s.empty() && detail::all_in(s, detail::kToken); }
/// RFC 9110 5.5 without obs-fold; an empty value is one.
constexpr bool is_field_value(std::string_view s) noexcept { return detail::all_in(s, detail::kFieldValue); }

/// RFC 9110 5.6.3: OWS = *( SP / HTAB ), and nothing else.
constexpr bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }
constexpr std::string_view trim_blanks(std::string_view s) noexcept {
    while (!s.empty() && is_blank(s.front())) s.remove_prefix(1);
    while (!s.empty() && is_blank(s.back())) s.remove_suffix(1);
    return s;
}

/// 0 to 15, or -1 for what is no HEXDIG.
constexpr int hex_digit(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace gunicorn::http
