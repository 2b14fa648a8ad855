#include "server/arbiter/settings_policy.h"

#include <algorithm>

#include "server/worker/heartbeat.h"

namespace gunicorn::server {
namespace {

constexpr std::size_t kSlots = 1024;  // processes at any time, dying ones included; pages nobody touches cost nothing
constexpr unsigned kCrashLimit = 10;  // rounds of failed starts with nobody serving that end the server with exit 3

}  // namespace

Policy policy_of(const config::Settings& settings, const std::string& worker_class) {
    Policy policy;
    // `debug` is for one developer: 0.17.2's manual promises one worker.
    policy.wanted = settings.debug ? std::min<std::size_t>(1, static_cast<std::size_t>(settings.workers))
                                   : static_cast<std::size_t>(settings.workers);
    policy.timeout = silence_limit(settings, worker_class);
    policy.boot_timeout = std::chrono::seconds(settings.boot_timeout.value_or(settings.timeout));
    policy.graceful_timeout = std::chrono::seconds(settings.graceful_timeout);
    policy.slots = kSlots;
    policy.crash_limit = kCrashLimit;
    if (settings.reload) {
        // A broken edit is followed by another one: the server stays for it.
        policy.on_boot_failure = OnBootFailure::retry;
        policy.crash_limit = 0;
    }
    return policy;
}

}  // namespace gunicorn::server
