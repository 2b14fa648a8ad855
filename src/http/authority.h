#pragma once

#include <string_view>

namespace gunicorn::http {

/// The parts of uri-host [ ":" port ] (RFC 9110 7.2), views into what was split.
struct Authority {
    std::string_view host;  ///< with its brackets, when it has any; may be empty
    std::string_view port;  ///< digits only; empty when there is none
    bool is_valid = false;
};

/// RFC 3986 3.2.2: IP-literal or reg-name (an IPv4 address is one), then a port of any number of digits. No userinfo.
[[nodiscard]] Authority split_authority(std::string_view s) noexcept;

/// RFC 9110 4.2.3: hosts have no case, and a port that is not given is the scheme's. Both were split and are valid.
[[nodiscard]] bool is_same_authority(const Authority& a, const Authority& b, std::string_view scheme) noexcept;

}  // namespace gunicorn::http
