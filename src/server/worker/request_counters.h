#pragma once
// What workers have answered, in memory that the master shares: it adds up without asking them.

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"

namespace gunicorn::server {

/// Upper bounds of the buckets of a histogram of durations; one more bucket has what is longer.
inline constexpr std::array<std::chrono::microseconds, 15> kDurationBounds{
    {std::chrono::milliseconds(1), std::chrono::microseconds(2500), std::chrono::milliseconds(5),
     std::chrono::milliseconds(10), std::chrono::milliseconds(25), std::chrono::milliseconds(50),
     std::chrono::milliseconds(100), std::chrono::milliseconds(250), std::chrono::milliseconds(500), std::chrono::seconds(1),
     std::chrono::milliseconds(2500), std::chrono::seconds(5), std::chrono::seconds(10), std::chrono::seconds(30),
     std::chrono::seconds(60)}};

/// Plain sums: of one worker, or of many.
struct RequestTotals {
    static constexpr int kFirstStatus = 100;
    static constexpr std::size_t kStatuses = 500;  ///< 100 to 599

    std::array<std::uint64_t, kStatuses> by_status{};  ///< requests, by status - kFirstStatus
    std::array<std::uint64_t, kDurationBounds.size() + 1> by_duration{};
    Duration duration{0};          ///< of all of them
    std::uint64_t bytes_sent = 0;  ///< of bodies of responses

    [[nodiscard]] std::uint64_t requests() const noexcept;
    RequestTotals& operator+=(const RequestTotals& other) noexcept;
};

/// One worker's counters: written by its engine's thread only, read by everybody. Starts at zero with zeroed memory.
class RequestCounters {
public:
    /// A request was answered or refused, or its client left (499): whatever is a line of the access log. A status that is
    /// none (below 100, above 599) counts as 599.
    void record(int status, Duration duration, std::uint64_t bytes_sent) noexcept;
    /// By the master, while nobody writes.
    void clear() noexcept;
    /// Each number is whole; one request may be in some of them already and not in others.
    [[nodiscard]] RequestTotals totals() const noexcept;

private:
    using Counter = std::atomic<std::uint64_t>;

    std::array<Counter, RequestTotals::kStatuses> by_status_{};
    std::array<Counter, kDurationBounds.size() + 1> by_duration_{};
    Counter nanoseconds_{0};
    Counter bytes_sent_{0};
};

}  // namespace gunicorn::server
