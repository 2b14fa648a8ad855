#pragma once
// What the kernel says about a process.

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gunicorn::server {

struct ProcessUsage {
    std::uint64_t resident_bytes = 0;
    double cpu_seconds = 0;  ///< user and system

    bool operator==(const ProcessUsage&) const = default;
};

/// Nothing when there is no such process, or the kernel does not tell.
[[nodiscard]] std::optional<ProcessUsage> usage_of(pid_t pid, const std::string& proc = "/proc");

/// From the texts of /proc/PID/statm and /proc/PID/stat (proc(5)).
[[nodiscard]] std::optional<ProcessUsage> parse_usage(std::string_view statm, std::string_view stat);

}  // namespace gunicorn::server
