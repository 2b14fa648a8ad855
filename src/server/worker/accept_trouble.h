#pragma once

#include <cstddef>
#include <cstdint>

#include "base/clock.h"
#include "gateway/log_sink.h"

namespace gunicorn::server {

/// What an errno of accept() means for the connections behind it.
enum class AcceptFailure : std::uint8_t {
    none_waiting,     ///< nobody is there, or another worker was faster
    connection_lost,  ///< that one is gone; the next may be fine
    no_room,          ///< it still waits: no descriptor, no memory. Another attempt at once would fail as well
};

/// man 2 accept, "Error handling": errors of the network come out of accept(), and belong to one connection.
[[nodiscard]] AcceptFailure judge_accept_error(int code) noexcept;

/// The times in which there was no room for connections. Each has one line in the log when it begins, and one when it is
/// over, however often it was tried.
class AcceptTrouble {
public:
    /// accept() failed for want of room. `open` connections are there.
    void on_no_room(int code, std::size_t open, TimePoint now, gateway::LogSink& log);
    /// Now and then, also while all is well.
    void on_tick(TimePoint now, gateway::LogSink& log);

private:
    static constexpr Duration kOverAfter = std::chrono::seconds(2);  // without another failure

    bool is_on_ = false;
    TimePoint last_{};  // failure
};

}  // namespace gunicorn::server
