#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "server/statsd/statsd_format.h"

namespace gunicorn::server {

/// Where datagrams go. Never blocks, never fails its caller. Any thread.
class DatagramSink {
public:
    virtual ~DatagramSink() = default;
    virtual void send(std::string_view datagram) noexcept = 0;
};

/// Gunicorn's metrics of requests, many in a datagram: a line "gunicorn.request.duration" for each, and the counters
/// "gunicorn.requests" and "gunicorn.request.status.NNN" as sums, which every statsd server adds up to the same. One thread
/// (the engine's); no allocation a request.
class RequestMetrics {
public:
    static constexpr Duration kHold = std::chrono::milliseconds(100);

    /// No datagram is longer than `most_bytes`, unless a single line is. `sink` outlives this.
    RequestMetrics(const StatsdFormat& format, DatagramSink& sink, std::size_t most_bytes);

    /// Sends by itself when a datagram is full. **Fork**: flush() before one, or the child has the lines too.
    void record(int status, Duration duration) noexcept;
    /// The engine is about to block, for the time that this answers at most. A batch is sent when it has waited for kHold
    /// over such calls: a server with one client would send one for each request.
    [[nodiscard]] Duration on_sleep(TimePoint now) noexcept;
    /// Sends what was recorded; to be called at the end, the destructor does not.
    void flush() noexcept;

private:
    [[nodiscard]] bool has_room() const noexcept;
    void add_line(std::string_view line);
    void send_datagram() noexcept;

    DatagramSink& sink_;
    std::size_t most_bytes_;
    std::string duration_head_;
    std::string duration_tail_;
    std::string requests_head_;
    std::string status_head_;
    std::string counter_tail_;
    std::string datagram_;  // whole lines, without the last line break
    std::string line_;
    std::uint64_t requests_ = 0;    // that were not sent
    std::optional<TimePoint> due_;  // of them
    std::vector<std::pair<int, std::uint64_t>> statuses_;
};

}  // namespace gunicorn::server
