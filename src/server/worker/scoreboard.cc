#include "server/worker/scoreboard.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "base/assert.h"
#include "base/sys.h"

namespace gunicorn::server {

// Atomics between processes must be lock-free; their locks would be private to each process.
static_assert(std::atomic<std::int64_t>::is_always_lock_free && std::atomic<std::uint64_t>::is_always_lock_free &&
              std::atomic<BootStep>::is_always_lock_free && std::atomic<std::uint32_t>::is_always_lock_free &&
              std::atomic<LeaveReason>::is_always_lock_free && std::atomic<pid_t>::is_always_lock_free);

void WorkerSlot::claim(std::uint64_t age, TimePoint now) noexcept {
    server_stops_.store(false, std::memory_order_relaxed);
    retired_listeners_.store(0, std::memory_order_relaxed);
    server_drains_.store(false, std::memory_order_relaxed);
    last_words_size_ = 0;
    request_counters_.clear();
    enter(BootStep::post_fork);
    knows_stack_signal_.store(false, std::memory_order_relaxed);
    pid_.store(0, std::memory_order_relaxed);
    age_.store(age, std::memory_order_relaxed);
    requests_.store(0, std::memory_order_relaxed);
    accepted_.store(0, std::memory_order_relaxed);
    open_.store(0, std::memory_order_relaxed);
    active_.store(0, std::memory_order_relaxed);
    set_queued_requests(0);
    set_leave_reason(LeaveReason::none);
    request_began_.store(0, std::memory_order_relaxed);
    line_size_.store(0, std::memory_order_relaxed);
    line_version_.store(0, std::memory_order_relaxed);  // a killed writer may have left it odd
    beat(now);
    set_state(SlotState::booting);
}

void WorkerSlot::leave_last_words(std::string_view text) noexcept {
    text = text.substr(0, text.find_last_not_of('\n') + 1);
    constexpr int kLines = 3;
    std::size_t begin = text.size();
    for (int breaks = 0; begin > 0 && !(text[begin - 1] == '\n' && ++breaks == kLines);) --begin;
    text.remove_prefix(std::max(begin, text.size() - std::min(text.size(), kLastWordsCapacity)));
    std::copy_n(text.data(), text.size(), last_words_.data());
    last_words_size_ = text.size();
}

void WorkerSlot::begin_request(std::string_view method, std::string_view target, TimePoint now) noexcept {
    add(active_, 1);
    request_began_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
    write_line(method, target);
}

void WorkerSlot::end_request() noexcept {
    add(requests_, 1);
    add(active_, -1);
    request_began_.store(0, std::memory_order_relaxed);
    line_size_.store(0, std::memory_order_relaxed);
}

void WorkerSlot::write_line(std::string_view method, std::string_view target) noexcept {
    std::array<std::uint64_t, kWords> words;
    auto* bytes = reinterpret_cast<char*>(words.data());
    const std::size_t method_size = std::min(method.size(), kRequestLineCapacity - 1);
    const std::size_t target_size = std::min(target.size(), kRequestLineCapacity - 1 - method_size);
    const std::size_t size = method_size + 1 + target_size;
    std::copy_n(method.data(), method_size, bytes);
    bytes[method_size] = ' ';
    std::copy_n(target.data(), target_size, bytes + method_size + 1);
    const std::size_t used = (size + sizeof(std::uint64_t) - 1) / sizeof(std::uint64_t);
    std::fill(bytes + size, bytes + used * sizeof(std::uint64_t), '\0');

    const std::uint32_t version = line_version_.load(std::memory_order_relaxed);
    line_version_.store(version + 1, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_release);
    for (std::size_t i = 0; i < used; ++i) line_[i].store(words[i], std::memory_order_relaxed);
    line_size_.store(static_cast<std::uint32_t>(size), std::memory_order_relaxed);
    line_version_.store(version + 2, std::memory_order_release);
}

std::string WorkerSlot::request_line() const {
    std::array<char, kRequestLineCapacity> line;
    return std::string(line.data(), copy_request_line(line));
}

std::size_t WorkerSlot::copy_request_line(std::span<char, kRequestLineCapacity> out) const noexcept {
    std::array<std::uint64_t, kWords> words;
    for (int attempt = 0; attempt < 100; ++attempt) {
        const std::uint32_t before = line_version_.load(std::memory_order_acquire);
        if (before % 2 != 0) continue;
        const std::size_t size = std::min<std::size_t>(line_size_.load(std::memory_order_relaxed), kRequestLineCapacity);
        for (std::size_t i = 0; i < kWords; ++i) words[i] = line_[i].load(std::memory_order_relaxed);
        std::atomic_thread_fence(std::memory_order_acquire);
        if (line_version_.load(std::memory_order_relaxed) != before) continue;
        std::copy_n(reinterpret_cast<const char*>(words.data()), size, out.data());
        return size;
    }
    return 0;
}

Result<Scoreboard> Scoreboard::create(std::size_t slots) {
    GN_ASSERT(slots > 0, "a scoreboard has slots");
    void* memory = ::mmap(nullptr, slots * sizeof(WorkerSlot), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return Unexpected{sys::system_error("mmap of the scoreboard")};
    auto* first = static_cast<WorkerSlot*>(memory);
    for (std::size_t i = 0; i < slots; ++i) ::new (first + i) WorkerSlot;
    return Scoreboard(first, slots);
}

Scoreboard::~Scoreboard() {
    if (slots_ != nullptr) ::munmap(slots_, count_ * sizeof(WorkerSlot));
}

WorkerSlot& Scoreboard::slot(std::size_t index) noexcept {
    GN_ASSERT(index < count_, "a slot of this scoreboard");
    return slots_[index];
}

const WorkerSlot& Scoreboard::slot(std::size_t index) const noexcept {
    GN_ASSERT(index < count_, "a slot of this scoreboard");
    return slots_[index];
}

}  // namespace gunicorn::server
