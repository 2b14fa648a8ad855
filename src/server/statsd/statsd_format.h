#pragma once
// Lines of the statsd protocol: "prefix.name:value|type", and with DogStatsD tags "|#tag,tag" behind. No sockets here.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace gunicorn::server {

/// c, g, ms, h
enum class MetricType { counter, gauge, timer, histogram };

/// What statsd_prefix and dogstatsd_tags make of a name and a value.
class StatsdFormat {
public:
    /// `prefix` gets the dot that it lacks (Gunicorn: Statsd.__init__). What would end the field that it stands in (a line
    /// break, "|", in a prefix ":" as well) becomes "_".
    StatsdFormat(std::string_view prefix, std::string_view tags);

    /// What stands before the value of a metric of that name, "prefix.name:".
    [[nodiscard]] std::string head(std::string_view name) const;
    /// What stands behind it, "|type|#tags".
    [[nodiscard]] std::string tail(MetricType type) const;
    /// A whole line without its line break.
    [[nodiscard]] std::string line(std::string_view name, std::uint64_t value, MetricType type) const;

private:
    std::string prefix_;  // empty, or with its dot
    std::string tags_;    // empty, or "|#tag,tag"
};

/// As Python prints a float of whole microseconds: "0.412", "12.0".
void append_milliseconds(Duration duration, std::string& out);

}  // namespace gunicorn::server
