#include "config/syslog.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace gunicorn::config {
namespace {

constexpr std::array<std::string_view, 21> kFacilities{
    "auth", "authpriv", "cron",     "daemon", "ftp",    "kern",   "lpr",    "mail",   "news",   "security", "syslog",
    "user", "uucp",     "local0",   "local1", "local2", "local3", "local4", "local5", "local6", "local7"};

bool is_path(std::string_view path) {
    const auto mark = path.find('#');
    const std::string_view kind = mark == std::string_view::npos ? "" : path.substr(mark + 1);
    return !path.substr(0, mark).empty() && (mark == std::string_view::npos || kind == "stream" || kind == "dgram");
}

/// The host may be left out; so may ":PORT".
bool is_host_and_port(std::string_view text) {
    std::size_t end = text.find(':');
    if (text.starts_with('[')) {
        const auto bracket = text.find(']');
        if (bracket == std::string_view::npos) return false;
        end = bracket + 1;
    }
    if (end >= text.size()) return true;
    if (text[end] != ':') return false;
    const auto port = text::parse_decimal(text.substr(end + 1));
    return port && *port > 0 && *port < 65536;
}

}  // namespace

std::span<const std::string_view> syslog_facilities() noexcept { return kFacilities; }

bool is_syslog_facility(std::string_view name) {
    return std::find(kFacilities.begin(), kFacilities.end(), text::to_lower(name)) != kFacilities.end();
}

bool is_syslog_address(std::string_view text) {
    if (text.starts_with("unix://")) return is_path(text.substr(7));
    return (text.starts_with("udp://") || text.starts_with("tcp://")) && is_host_and_port(text.substr(6));
}

}  // namespace gunicorn::config
