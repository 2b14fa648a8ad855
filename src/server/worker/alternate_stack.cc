#include "server/worker/alternate_stack.h"

#include <sys/mman.h>

namespace gunicorn::server {

AlternateStack::AlternateStack() noexcept {
    void* memory = ::mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (memory == MAP_FAILED) return;
    stack_t own{};
    own.ss_sp = memory;
    own.ss_size = kSize;
    if (::sigaltstack(&own, &before_) != 0) {
        ::munmap(memory, kSize);
        return;
    }
    memory_ = memory;
}

AlternateStack::~AlternateStack() {
    if (memory_ == nullptr) return;
    stack_t current{};
    // Somebody else's meanwhile: then only the memory is ours to give back.
    if (::sigaltstack(nullptr, &current) == 0 && current.ss_sp == memory_) ::sigaltstack(&before_, nullptr);
    ::munmap(memory_, kSize);
}

}  // namespace gunicorn::server
