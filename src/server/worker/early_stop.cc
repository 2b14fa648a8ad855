#include "server/worker/early_stop.h"

#include <csignal>

namespace gunicorn::server {
namespace {

// A handler has nothing but globals. One worker a process.
volatile std::sig_atomic_t stopped_early = 0;

void note(int) { stopped_early = 1; }

}  // namespace

void remember_early_stop() noexcept { std::signal(SIGTERM, note); }

bool was_stopped_early() noexcept { return stopped_early != 0; }

}  // namespace gunicorn::server
