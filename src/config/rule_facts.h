#pragma once
// What rules may know of the host. Only values: app/host_facts.h finds them out.

#include <cstdint>
#include <optional>

namespace gunicorn::config {

/// Each is nothing while it is unknown, and then the rules that need it say nothing.
struct RuleFacts {
    std::optional<bool> pid_1;          ///< the server is process 1, as in a container
    std::optional<bool> under_systemd;  ///< systemd started the server
    std::optional<std::int64_t>
        cpu_quota;  ///< processors that the control group may use, rounded up; nothing without a quota
    std::optional<std::int64_t> cpu_affinity;  ///< processors that this process may run on
    std::optional<std::int64_t> nofile_limit;  ///< files that a process may have open; nothing when there is no limit
    std::optional<std::int64_t> somaxconn;     ///< the longest backlog that the kernel grants
};

}  // namespace gunicorn::config
