#pragma once
// What the status listener shows: plain values, gathered by the master at the moment somebody asks.

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "server/status/process_usage.h"
#include "server/worker/request_counters.h"

namespace gunicorn::server {

enum class WorkerActivity {
    booting,
    idle,
    busy,      ///< has at least one request
    stopping,  ///< finishes what it has
};
[[nodiscard]] std::string_view name_of(WorkerActivity activity) noexcept;

/// Its line as the client sent it, secrets redacted; empty for the moment in which it is written.
struct CurrentRequest {
    std::string line;  ///< "GET /slow?x=1"
    Duration since{};  ///< how long ago it began
};

struct WorkerStatus {
    std::size_t number = 0;  ///< its place in the scoreboard, which its successor may have: few numbers in a long life
    pid_t pid = 0;
    std::uint64_t age = 0;
    std::uint64_t generation = 0;
    WorkerActivity activity = WorkerActivity::booting;
    Duration uptime{};
    std::optional<Duration> boot_time;  ///< from the fork until it was ready
    Duration heartbeat_age{};
    std::uint64_t requests = 0;  ///< answered or refused
    std::uint64_t active_requests = 0;
    std::uint64_t queued_requests = 0;  ///< of these, those that wait for a thread
    std::uint64_t accepted_connections = 0;
    std::uint64_t open_connections = 0;
    std::optional<CurrentRequest> current;  ///< with several at once the one that began last
    std::optional<ProcessUsage> usage;
};

struct ListenerStatus {
    std::string address;                   ///< "http://127.0.0.1:8000"
    std::optional<std::uint64_t> backlog;  ///< connections that nobody has accepted yet; unset: the kernel does not tell
};

/// A counter with the value of its label: {"max_requests", 3}.
using NamedCount = std::pair<std::string_view, std::uint64_t>;

struct ServerStatus {
    std::string version;
    std::string python_version;
    pid_t pid = 0;
    std::int64_t started_at = 0;  ///< seconds since 1970
    Duration uptime{};
    std::optional<ProcessUsage> usage;  ///< of the master
    std::string unready;                ///< why no traffic should come; empty: it may

    std::string worker_class;
    std::uint64_t generation = 0;
    std::uint64_t workers_wanted = 0;
    /// A JSON array of the settings that differ from their defaults (config/report/changed_settings.h).
    std::string changed_settings;

    RequestTotals requests;  ///< of all workers that ever were
    std::uint64_t accepted_connections = 0;
    std::uint64_t workers_spawned = 0;
    std::vector<NamedCount> worker_exits;  ///< by cause, all causes
    std::vector<NamedCount> reloads;       ///< by outcome
    bool is_reloading = false;
    std::vector<NamedCount> upgrades;  ///< by what became of them

    std::vector<WorkerStatus> workers;  ///< oldest first
    std::vector<ListenerStatus> listeners;
};

}  // namespace gunicorn::server
