#pragma once
// What syslog_facility and syslog_addr may be. gunicorn.glogging (SYSLOG_FACILITIES, parse_syslog_address) acts on the same.

#include <span>
#include <string_view>

namespace gunicorn::config {

/// "auth" ... "local7"
[[nodiscard]] std::span<const std::string_view> syslog_facilities() noexcept;
/// In any case.
[[nodiscard]] bool is_syslog_facility(std::string_view name);

/// unix://PATH[#stream|#dgram], udp://HOST[:PORT], tcp://HOST[:PORT]; an IPv6 address stands in brackets.
[[nodiscard]] bool is_syslog_address(std::string_view text);

}  // namespace gunicorn::config
