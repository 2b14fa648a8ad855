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

}  // namespace gunicorn::http
