#include "server/net/ticket_keys.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdint>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

#include "base/scope_exit.h"
#include "base/sys.h"

namespace gunicorn::server {
namespace {

constexpr std::uint64_t kAccepted = 3;  // the current key, and those of the two rotations before it

using Key = TicketKeys::Key;
constexpr std::size_t kWords = sizeof(Key) / sizeof(std::uint64_t);
using Words = std::array<std::uint64_t, kWords>;
static_assert(sizeof(Words) == sizeof(Key) && std::is_trivially_copyable_v<Key>);

// Atomics between processes must be lock-free; their locks would be private to each process.
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

}  // namespace

/// A ring with room for one key more than is accepted: a rotation writes where nobody looks. Whoever was interrupted while
/// he read, for so long that it is his key's turn, sees by `made` that he has to read again. The bytes are atomic words, so
/// that reading beside a writer is defined; each is ordered by itself.
struct TicketKeys::Shared {
    std::atomic<std::uint64_t> made{0};  // keys so far; the current one is the last
    pid_t maker = 0;
    std::array<std::array<std::atomic<std::uint64_t>, kWords>, kAccepted + 1> ring{};

    [[nodiscard]] Key key(std::uint64_t number) const noexcept {
        Words words;
        for (std::size_t i = 0; i < kWords; ++i) words[i] = ring[number % ring.size()][i].load(std::memory_order_acquire);
        return std::bit_cast<Key>(words);
    }
};

Result<TicketKeys> TicketKeys::create() {
    void* memory = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return Unexpected{sys::system_error("mmap of the ticket keys")};
    // Keys do not belong into core files. A kernel without this serves as well.
    static_cast<void>(::madvise(memory, sizeof(Shared), MADV_DONTDUMP));
    auto* shared = ::new (memory) Shared;
    shared->maker = ::getpid();
    TicketKeys keys(shared);
    GN_CHECK(keys.rotate());
    return keys;
}

TicketKeys::TicketKeys(TicketKeys&& other) noexcept : shared_(std::exchange(other.shared_, nullptr)) {}

TicketKeys& TicketKeys::operator=(TicketKeys&& other) noexcept {
    std::swap(shared_, other.shared_);
    return *this;
}

TicketKeys::~TicketKeys() {
    if (shared_ == nullptr) return;
    if (shared_->maker == ::getpid()) ::explicit_bzero(static_cast<void*>(shared_), sizeof *shared_);
    ::munmap(shared_, sizeof *shared_);
}

TicketKeys::Key TicketKeys::current() const {
    for (;;) {
        const std::uint64_t made = shared_->made.load(std::memory_order_acquire);
        const Key key = shared_->key(made - 1);
        if (shared_->made.load(std::memory_order_acquire) == made) return key;
    }
}

std::optional<TicketKeys::Found> TicketKeys::find(std::span<const unsigned char, 16> name) const {
    for (;;) {
        const std::uint64_t made = shared_->made.load(std::memory_order_acquire);
        std::optional<Found> found;
        // Not beyond the first key: an empty place of the ring has a name as well.
        for (std::uint64_t back = 1; back <= std::min(made, kAccepted) && !found; ++back) {
            const Key key = shared_->key(made - back);
            if (std::equal(name.begin(), name.end(), key.name.begin())) found = Found{key, back == 1};
        }
        if (shared_->made.load(std::memory_order_acquire) == made) return found;
    }
}

Result<void> TicketKeys::rotate() {
    Words words;
    const ScopeExit wipe([&words] { ::explicit_bzero(words.data(), sizeof words); });
    GN_CHECK(sys::random_bytes(std::as_writable_bytes(std::span(words))));
    const std::uint64_t made = shared_->made.load(std::memory_order_relaxed);
    auto& place = shared_->ring[made % shared_->ring.size()];
    for (std::size_t i = 0; i < kWords; ++i) place[i].store(words[i], std::memory_order_release);
    shared_->made.store(made + 1, std::memory_order_release);
    return {};
}

}  // namespace gunicorn::server
