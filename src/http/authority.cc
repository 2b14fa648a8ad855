#include "http/authority.h"

#include <algorithm>

#include "base/text.h"
#include "http/characters.h"

namespace gunicorn::http {
namespace {

// RFC 3986 3.2.2: IP-literal = "[" ( IPv6address / IPvFuture ) "]". Of an address only the characters are looked at.
bool is_ip_literal(std::string_view inside) noexcept {
    if (inside.size() > 1 && text::lower(inside[0]) == 'v') {
        const std::size_t dot = inside.find('.');
        if (dot == std::string_view::npos || dot == 1 || dot + 1 == inside.size()) return false;
        const std::string_view version = inside.substr(1, dot - 1);
        return std::all_of(version.begin(), version.end(), [](char c) { return hex_digit(c) >= 0; }) &&
               std::all_of(inside.begin() + static_cast<std::ptrdiff_t>(dot) + 1, inside.end(),
                           [](char c) { return c == ':' || detail::is_in(c, detail::kRegName); });
    }
    return std::count(inside.begin(), inside.end(), ':') >= 2 &&
           std::all_of(inside.begin(), inside.end(), [](char c) { return c == ':' || c == '.' || hex_digit(c) >= 0; });
}

// RFC 3986 3.2.2: reg-name = *( unreserved / pct-encoded / sub-delims )
bool is_reg_name(std::string_view s) noexcept {
    for (std::size_t i = 0; i < s.size(); ++i) {
        if (detail::is_in(s[i], detail::kRegName)) continue;
        if (s[i] != '%' || s.size() - i < 3 || hex_digit(s[i + 1]) < 0 || hex_digit(s[i + 2]) < 0) return false;
        i += 2;
    }
    return true;
}

}  // namespace

Authority split_authority(std::string_view s) noexcept {
    Authority authority;
    std::string_view rest;
    if (!s.empty() && s.front() == '[') {
        const std::size_t end = s.find(']');
        if (end == std::string_view::npos || !is_ip_literal(s.substr(1, end - 1))) return authority;
        authority.host = s.substr(0, end + 1);
        rest = s.substr(end + 1);
    } else {
        const std::size_t colon = std::min(s.find(':'), s.size());
        authority.host = s.substr(0, colon);
        if (!is_reg_name(authority.host)) return authority;
        rest = s.substr(colon);
    }
    if (!rest.empty()) {
        if (rest.front() != ':') return authority;
        authority.port = rest.substr(1);
        if (!std::all_of(authority.port.begin(), authority.port.end(), text::is_digit)) return authority;
    }
    authority.is_valid = true;
    return authority;
}

}  // namespace gunicorn::http
