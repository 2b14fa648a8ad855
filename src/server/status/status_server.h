#pragma once

#include <poll.h>

#include <memory>
#include <span>
#include <vector>

#include "base/clock.h"
#include "server/status/status_connection.h"

namespace gunicorn::server {

/// Serves the status listener from somebody else's poll(): the master's, which it never holds up.
///
///   server.add_polls(listeners, now, polls);  ::poll(...);  server.serve(what was added, now);
class StatusServer {
public:
    static constexpr std::size_t kMostConnections = 32;

    explicit StatusServer(AnswerPath answer) : answer_(std::move(answer)) {}

    /// What to wait for: connections to come at `listeners`, which are non-blocking, and those that came.
    void add_polls(std::span<const int> listeners, TimePoint now, std::vector<pollfd>& polls) const;
    /// Accepts, reads and writes what can be, and closes what is late. When there is no room, the oldest connection goes
    /// that nothing is on the way to, else the oldest. `polls` are those that add_polls() added last, after the poll(); call
    /// it once a second at least.
    void serve(std::span<const pollfd> polls, TimePoint now);
    /// All connections. In a worker as well: they are not its own.
    void close() noexcept { connections_.clear(); }

private:
    void accept_from(int listener, TimePoint now);
    void make_room();

    AnswerPath answer_;
    std::vector<std::unique_ptr<StatusConnection>> connections_;  // oldest first
    TimePoint accepts_at_{};                                      // later while there are no descriptors
};

}  // namespace gunicorn::server
