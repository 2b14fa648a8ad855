#include "http/authority.h"

#include <algorithm>

#include "base/ip_address.h"
#include "base/text.h"
#include "http/characters.h"

namespace gunicorn::http {
namespace {

bool is_hexadecimal(std::string_view s) noexcept {
    return std::all_of(s.begin(), s.end(), [](char c) { return hex_digit(c) >= 0; });
}

// RFC 3986 3.2.2: IP-literal = "[" ( IPv6address / IPvFuture ) "]"
bool is_ip_literal(std::string_view inside) noexcept {
    if (inside.size() > 1 && text::lower(inside[0]) == 'v') {
        const std::size_t dot = inside.find('.');
        if (dot == std::string_view::npos || dot == 1 || dot + 1 == inside.size()) return false;
        return is_hexadecimal(inside.substr(1, dot - 1)) &&
               std::all_of(inside.begin() + static_cast<std::ptrdiff_t>(dot) + 1, inside.end(),
                           [](char c) { return c == ':' || detail::is_in(c, detail::kRegName); });
    }
    const auto address = IpAddress::parse(inside);
    return address && !address->is_v4();
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

std::string_view default_port(std::string_view scheme) noexcept {
    const auto is = [scheme](std::string_view name) { return text::equal_ignoring_case(scheme, name); };
    if (is("http") || is("ws")) return "80";
    return is("https") || is("wss") ? "443" : "";
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
        // RFC 9110 4.2.1: a port needs a host.
        if (rest.front() != ':' || authority.host.empty()) return authority;
        authority.port = rest.substr(1);
        if (!std::all_of(authority.port.begin(), authority.port.end(), text::is_digit)) return authority;
    }
    authority.is_valid = true;
    return authority;
}

bool is_same_authority(const Authority& a, const Authority& b, std::string_view scheme) noexcept {
    const auto port_of = [scheme](const Authority& one) { return one.port.empty() ? default_port(scheme) : one.port; };
    return text::equal_ignoring_case(a.host, b.host) && port_of(a) == port_of(b);
}

}  // namespace gunicorn::http
