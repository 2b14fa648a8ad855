#pragma once
// Memory that the master and all workers share: one slot a worker, written by that worker, read by the master. Nothing
// waits.

#include <sys/types.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/result.h"
#include "server/worker/boot_journey.h"
#include "server/worker/request_counters.h"

namespace gunicorn::server {

enum class SlotState : std::uint32_t {
    vacant,    ///< no worker
    booting,   ///< forked, the application is not there yet
    ready,     ///< idle or between requests
    busy,      ///< application code runs
    stopping,  ///< accepts nothing new
};

/// Why a worker stops without having been told to; the master counts it.
enum class LeaveReason : std::uint32_t {
    none,
    max_requests,
    memory,        ///< max_worker_memory
    code_changed,  ///< reload
};

/// One worker's part. Each group of calls says who may make it; readers are many and anywhere.
class alignas(64) WorkerSlot {
public:
    static constexpr std::size_t kRequestLineCapacity = 256;
    static constexpr std::size_t kLastWordsCapacity = 512;

    // Master, before the fork: everything of the last owner goes.
    void claim(std::uint64_t age, TimePoint now) noexcept;
    // Master, after the worker was reaped. The counters stay until the next claim().
    void release() noexcept { set_state(SlotState::vacant); }
    // Master, before it tells the worker to stop.
    /// The whole server stops: nobody but this worker and its like will take what waits in the backlog. `is_final`: nor does
    /// any other process have the listening sockets, but those that were inherited.
    void announce_server_stop(bool is_final) noexcept {
        stop_is_final_.store(is_final, std::memory_order_relaxed);
        server_stops_.store(true, std::memory_order_release);
    }

    /// These of its listeners (1 << index) have no successor: it takes what waits there before it closes them.
    void announce_retired_listeners(std::uint64_t listeners) noexcept {
        retired_listeners_.store(listeners, std::memory_order_release);
    }
    /// The server is about to stop (drain_delay): responses close their connections, all else goes on.
    void announce_drain() noexcept { server_drains_.store(true, std::memory_order_relaxed); }

    // The worker.
    void set_pid(pid_t pid) noexcept { pid_.store(pid, std::memory_order_relaxed); }
    /// Proof of life; any thread that shows that Python runs.
    void beat(TimePoint now) noexcept { heartbeat_.store(now.time_since_epoch().count(), std::memory_order_relaxed); }
    void enter(BootStep step) noexcept { step_.store(step, std::memory_order_relaxed); }
    void set_leave_reason(LeaveReason reason) noexcept { leave_reason_.store(reason, std::memory_order_relaxed); }
    /// How many requests wait for a thread. One writer at a time.
    void set_queued_requests(std::size_t count) noexcept {
        queued_.store(static_cast<std::uint32_t>(count), std::memory_order_relaxed);
    }
    /// Why it ends: the last lines of a traceback. Kept as far as there is room, the end of it.
    void leave_last_words(std::string_view text) noexcept;
    /// stack_signal() may be sent: before that it would end the process.
    void announce_stack_signal() noexcept { knows_stack_signal_.store(true, std::memory_order_release); }
    void set_state(SlotState state) noexcept { state_.store(static_cast<std::uint32_t>(state), std::memory_order_release); }

    // The worker's engine thread only (each of these has one writer).
    /// What it is doing, for the report of a stuck worker. Cut to kRequestLineCapacity bytes.
    void begin_request(std::string_view method, std::string_view target, TimePoint now) noexcept;
    /// Counts it as handled and forgets the line.
    void end_request() noexcept;
    /// Of every request that it answers or refuses.
    [[nodiscard]] RequestCounters& request_counters() noexcept { return request_counters_; }
    void connection_accepted() noexcept { add(accepted_, 1), add(open_, 1); }
    void connection_closed() noexcept { add(open_, -1); }

    // Master, once the worker is reaped.
    [[nodiscard]] std::string_view last_words() const noexcept { return {last_words_.data(), last_words_size_}; }

    // Everybody.
    [[nodiscard]] TimePoint last_beat() const noexcept {
        return TimePoint(Duration(heartbeat_.load(std::memory_order_relaxed)));
    }
    [[nodiscard]] SlotState state() const noexcept { return static_cast<SlotState>(state_.load(std::memory_order_acquire)); }
    [[nodiscard]] BootStep step() const noexcept { return step_.load(std::memory_order_relaxed); }
    [[nodiscard]] bool knows_stack_signal() const noexcept { return knows_stack_signal_.load(std::memory_order_acquire); }
    [[nodiscard]] std::uint64_t retired_listeners() const noexcept {
        return retired_listeners_.load(std::memory_order_acquire);
    }
    [[nodiscard]] bool server_stops() const noexcept { return server_stops_.load(std::memory_order_acquire); }
    [[nodiscard]] bool server_drains() const noexcept { return server_drains_.load(std::memory_order_relaxed); }
    /// As it was announced.
    [[nodiscard]] bool stop_is_final() const noexcept { return stop_is_final_.load(std::memory_order_relaxed); }
    [[nodiscard]] pid_t pid() const noexcept { return pid_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t age() const noexcept { return age_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t requests() const noexcept { return requests_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t accepted_connections() const noexcept { return accepted_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t open_connections() const noexcept { return open_.load(std::memory_order_relaxed); }
    [[nodiscard]] const RequestCounters& request_counters() const noexcept { return request_counters_; }
    /// Begun and not ended: in application code, waiting for a thread, or on the way to the client.
    [[nodiscard]] std::uint64_t active_requests() const noexcept { return active_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::uint32_t queued_requests() const noexcept { return queued_.load(std::memory_order_relaxed); }
    [[nodiscard]] LeaveReason leave_reason() const noexcept { return leave_reason_.load(std::memory_order_relaxed); }
    /// When the current request began; the epoch when there is none.
    [[nodiscard]] TimePoint request_began() const noexcept {
        return TimePoint(Duration(request_began_.load(std::memory_order_relaxed)));
    }
    /// "GET /slow?x=1"; empty when there is none. Empty as well when the worker died or was stopped while it wrote the line.
    [[nodiscard]] std::string request_line() const;
    /// The same for signal handlers; answers how many bytes it has.
    [[nodiscard]] std::size_t copy_request_line(std::span<char, kRequestLineCapacity> out) const noexcept;

private:
    static constexpr std::size_t kWords = kRequestLineCapacity / sizeof(std::uint64_t);

    /// For counters with one writer: no locked instruction.
    static void add(std::atomic<std::uint64_t>& counter, std::int64_t n) noexcept {
        counter.store(counter.load(std::memory_order_relaxed) + static_cast<std::uint64_t>(n), std::memory_order_relaxed);
    }
    void write_line(std::string_view method, std::string_view target) noexcept;

    std::atomic<std::int64_t> heartbeat_{0};
    std::atomic<std::uint32_t> state_{0};
    std::atomic<BootStep> step_{BootStep::post_fork};
    std::atomic<bool> server_stops_{false};
    std::atomic<std::uint64_t> retired_listeners_{0};
    std::atomic<bool> server_drains_{false};
    std::atomic<bool> stop_is_final_{false};
    std::atomic<bool> knows_stack_signal_{false};
    std::atomic<pid_t> pid_{0};
    std::atomic<std::uint64_t> age_{0};
    std::atomic<std::uint64_t> requests_{0};
    std::atomic<std::uint64_t> accepted_{0};
    std::atomic<std::uint64_t> open_{0};
    std::atomic<std::uint64_t> active_{0};
    std::atomic<std::int64_t> request_began_{0};
    // A seqlock: odd while the line is being written. The bytes are atomic words, so that reading beside a writer is
    // defined.
    std::atomic<std::uint32_t> line_version_{0};
    std::atomic<std::uint32_t> line_size_{0};
    std::array<std::atomic<std::uint64_t>, kWords> line_{};
    RequestCounters request_counters_;
    // Read when nobody writes any more.
    std::size_t last_words_size_ = 0;
    std::array<char, kLastWordsCapacity> last_words_{};
    // Behind what seldom changes: application threads write it, and would take the engine's line from it.
    std::atomic<std::uint32_t> queued_{0};
    std::atomic<LeaveReason> leave_reason_{LeaveReason::none};
};

/// The slots. **Fork**: made by the master before its first fork; children inherit the mapping, each process unmaps its own
/// view.
class Scoreboard {
public:
    static Result<Scoreboard> create(std::size_t slots);

    Scoreboard(Scoreboard&& other) noexcept
        : slots_(std::exchange(other.slots_, nullptr)), count_(std::exchange(other.count_, 0)) {}
    Scoreboard& operator=(Scoreboard&& other) noexcept {
        std::swap(slots_, other.slots_);
        std::swap(count_, other.count_);
        return *this;
    }
    ~Scoreboard();

    [[nodiscard]] std::size_t size() const noexcept { return count_; }
    /// `index` below size(). The reference lives as long as this object.
    [[nodiscard]] WorkerSlot& slot(std::size_t index) noexcept;
    [[nodiscard]] const WorkerSlot& slot(std::size_t index) const noexcept;

private:
    Scoreboard(WorkerSlot* slots, std::size_t count) : slots_(slots), count_(count) {}

    WorkerSlot* slots_ = nullptr;  // the mapping
    std::size_t count_ = 0;
};

}  // namespace gunicorn::server
