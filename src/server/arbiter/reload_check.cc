#include "server/arbiter/reload_check.h"

#include <limits>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"

namespace gunicorn::server {
namespace {

std::optional<int> number_in(std::string_view text) {
    const auto number = text::parse_decimal(text);
    if (!number || *number > static_cast<std::uint64_t>(std::numeric_limits<int>::max())) return std::nullopt;
    return static_cast<int>(*number);
}

}  // namespace

std::string to_string(const ReloadCheck& check) {
    if (check.systemd_sockets.empty()) return std::to_string(check.master);
    return fmt::format("{}:{}", check.master, fmt::join(check.systemd_sockets, ","));
}

ReloadCheck parse_reload_check(std::string_view text) {
    const std::size_t colon = text.find(':');
    ReloadCheck check{.master = number_in(text.substr(0, colon)).value_or(0)};
    if (colon == std::string_view::npos) return check;
    for (const std::string_view word : text::split(text.substr(colon + 1), ',')) {
        if (const auto number = number_in(word)) check.systemd_sockets.push_back(*number);
    }
    return check;
}

}  // namespace gunicorn::server
