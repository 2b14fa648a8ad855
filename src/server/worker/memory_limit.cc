#include "server/worker/memory_limit.h"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <string_view>

#include "base/sys.h"

namespace gunicorn::server {

Result<MemoryLimit> MemoryLimit::create(std::uint64_t mib) {
    MemoryLimit limit;
    if (mib == 0) return limit;
    constexpr const char* kFile = "/proc/self/statm";
    limit.statm_ = UniqueFd(::open(kFile, O_RDONLY | O_CLOEXEC));
    if (!limit.statm_) return Unexpected{sys::system_error(std::string("max_worker_memory: ") + kFile)};
    limit.limit_ = mib;
    return limit;
}

std::optional<std::uint64_t> MemoryLimit::exceeded(TimePoint now) {
    if (!unmeasured_ || now < next_) return std::nullopt;
    unmeasured_ = false;
    next_ = now + kPause;
    const std::uint64_t used = resident();
    if (used <= limit_) return std::nullopt;
    return used;
}

/// "SIZE RESIDENT ...", in pages.
std::uint64_t MemoryLimit::resident() const {
    char text[128];
    const ssize_t size = ::pread(statm_.get(), text, sizeof text, 0);
    if (size <= 0) return 0;
    const std::string_view numbers(text, static_cast<std::size_t>(size));
    const std::size_t space = numbers.find(' ');
    if (space == std::string_view::npos) return 0;
    std::uint64_t pages = 0;
    std::from_chars(numbers.data() + space + 1, numbers.data() + numbers.size(), pages);
    return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) >> 20U;
}

}  // namespace gunicorn::server
