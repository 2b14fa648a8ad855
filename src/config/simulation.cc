#include "config/simulation.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace gunicorn::config {

Result<Simulation, std::string> parse_simulation(std::string_view given) {
    Simulation simulation;
    for (const std::string_view fact : text::split(given, ',')) {
        const std::size_t equals = fact.find('=');
        const std::string_view name = text::trim(fact.substr(0, equals));
        const std::string value(equals == std::string_view::npos ? std::string_view() : text::trim(fact.substr(equals + 1)));
        if (value.empty()) return Unexpected{"must be NAME=VALUE, not " + text::repr(fact)};
        if (name == "cpus") {
            const auto number = text::parse_decimal(value);
            if (!number || *number < 1 || *number > 100'000)
                return Unexpected{"cpus must be a number from 1, not " + text::repr(value)};
            simulation.cpus = static_cast<std::int64_t>(*number);
        } else if (name == "user") {
            simulation.user = value;
        } else if (name == "hostname") {
            simulation.hostname = value;
        } else if (name == "env") {
            simulation.env_file = value;
        } else {
            return Unexpected{"knows cpus, user, hostname and env, not " + text::repr(name)};
        }
    }
    return simulation;
}

Environment bare_environment(const Environment& environment) {
    static constexpr std::array<std::string_view, 6> kKept{"PATH", "HOME", "LANG", "TZ", "LD_LIBRARY_PATH", "VIRTUAL_ENV"};
    Environment kept;
    for (const auto& [name, value] : environment) {
        const bool is_kept = std::ranges::find(kKept, name) != kKept.end() || name.starts_with("LC_") ||
                             name.starts_with("PYTHON") || name == "ASAN_OPTIONS";
        if (is_kept) kept.emplace(name, value);
    }
    return kept;
}

}  // namespace gunicorn::config
