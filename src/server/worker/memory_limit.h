#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace gunicorn::server {

/// max_worker_memory: how much of this process is in memory (RSS, as ps shows it). Off, it costs a comparison. One thread.
class MemoryLimit {
public:
    /// No limit.
    MemoryLimit() = default;
    /// `mib` 0 is no limit as well. An Error when the kernel does not tell (no /proc).
    static Result<MemoryLimit> create(std::uint64_t mib);

    [[nodiscard]] bool is_set() const noexcept { return limit_ > 0; }
    [[nodiscard]] std::uint64_t mib() const noexcept { return limit_; }
    /// A request was handled: what it needed has not been looked at.
    void on_response() noexcept { unmeasured_ = true; }
    /// MiB, when a request was handled since the last look, that is a moment ago, and they are more than the limit.
    [[nodiscard]] std::optional<std::uint64_t> exceeded(TimePoint now);
    /// MiB now; 0 when the kernel does not tell.
    [[nodiscard]] std::uint64_t resident() const;

private:
    static constexpr auto kPause = std::chrono::milliseconds(100);  // between two looks, of some microseconds each

    std::uint64_t limit_ = 0;  // MiB
    UniqueFd statm_;
    bool unmeasured_ = false;
    TimePoint next_{};
};

}  // namespace gunicorn::server
