#include "server/worker/early_stop.h"

#include <csignal>

namespace gunicorn::server {
namespace {

// A handler has nothing but globals. One worker a process.
volatile std::sig_atomic_t stopped_early = 0;
volatile std::sig_atomic_t told_to_reopen_early = 0;

}  // namespace

void remember_early_signals() noexcept {
    std::signal(SIGTERM, [](int) { stopped_early = 1; });
    std::signal(SIGUSR1, [](int) { told_to_reopen_early = 1; });
}

bool was_stopped_early() noexcept { return stopped_early != 0; }

bool was_told_to_reopen_early() noexcept { return told_to_reopen_early != 0; }

}  // namespace gunicorn::server
