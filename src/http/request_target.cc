#include "http/request_target.h"

#include <algorithm>

#include "base/text.h"
#include "http/authority.h"
#include "http/characters.h"

namespace gunicorn::http {
namespace {

bool is_letter(char c) noexcept { return text::lower(c) >= 'a' && text::lower(c) <= 'z'; }

// RFC 3986 3.1: scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )
bool is_scheme(std::string_view s) noexcept {
    return !s.empty() && is_letter(s.front()) && std::all_of(s.begin(), s.end(), [](char c) {
        return is_letter(c) || text::is_digit(c) || c == '+' || c == '-' || c == '.';
    });
}

// RFC 3986 3.2.1: userinfo = *( unreserved / pct-encoded / sub-delims / ":" ); its escapes are not looked at.
bool is_user_information(std::string_view s) noexcept {
    return std::all_of(s.begin(), s.end(),
                       [](char c) { return c == ':' || c == '%' || detail::is_in(c, detail::kRegName); });
}

TargetParts split_path(std::string_view s) noexcept {
    TargetParts parts;
    const std::size_t hash = std::min(s.find('#'), s.size());
    if (hash < s.size()) parts.fragment = s.substr(hash + 1);
    s = s.substr(0, hash);
    const std::size_t question = std::min(s.find('?'), s.size());
    if (question < s.size()) parts.query = s.substr(question + 1);
    parts.path = s.substr(0, question);
    return parts;
}

// RFC 9112 3.2.2, with an authority, as every scheme that is served has one.
Result<TargetParts, ParseError> parse_absolute(std::string_view target) noexcept {
    const std::size_t colon = target.find("://");
    if (colon == std::string_view::npos || !is_scheme(target.substr(0, colon))) return Unexpected{ParseError::bad_target};
    const std::size_t authority_start = colon + 3;
    const std::size_t path_start = std::min(target.find_first_of("/?#", authority_start), target.size());
    std::string_view authority = target.substr(authority_start, path_start - authority_start);
    if (const std::size_t at = authority.find('@'); at != std::string_view::npos) {
        if (!is_user_information(authority.substr(0, at))) return Unexpected{ParseError::bad_target};
        authority.remove_prefix(at + 1);
    }
    const Authority split = split_authority(authority);
    if (!split.is_valid || split.host.empty()) return Unexpected{ParseError::bad_target};
    TargetParts parts = split_path(target.substr(path_start));
    parts.scheme = target.substr(0, colon);
    parts.authority = authority;
    // RFC 9110 4.2.3: an empty path stands for "/"; the one of "://" lends its place.
    if (parts.path.empty()) parts.path = target.substr(colon + 1, 1);
    return parts;
}

}  // namespace

Result<TargetParts, ParseError> parse_target(std::string_view target, std::string_view method) noexcept {
    if (target.empty() || !detail::all_in(target, detail::kTarget)) return Unexpected{ParseError::bad_target};
    if (method == "CONNECT") {
        const Authority split = split_authority(target);
        if (!split.is_valid || split.host.empty() || split.port.empty()) return Unexpected{ParseError::bad_target};
        return TargetParts{.path = target.substr(target.size())};
    }
    if (target.front() == '/') return split_path(target);
    if (target == "*") {
        if (method != "OPTIONS") return Unexpected{ParseError::bad_target};
        return TargetParts{.path = target};
    }
    return parse_absolute(target);
}

}  // namespace gunicorn::http
