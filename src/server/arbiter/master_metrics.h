#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "server/arbiter/generation.h"

namespace gunicorn::server {

/// What the master itself sends to statsd (Gunicorn: Arbiter.manage_workers): gunicorn.workers when their number changes,
/// and with enable_backlog_metric gunicorn.backlog once a second.
class MasterMetrics {
public:
    /// Once in each round of the master's loop. Whoever is new at another address hears of the workers that there are.
    void tick(const Generation& generation, std::size_t workers, TimePoint now);
    /// How long the loop may sleep for our sake.
    [[nodiscard]] Duration until_due(TimePoint now) const noexcept;

private:
    std::optional<std::size_t> workers_;       // as it was sent
    std::optional<std::uint32_t> generation_;  // to whose address
    std::optional<TimePoint> backlog_due_;     // nothing: it is not wanted
};

}  // namespace gunicorn::server
