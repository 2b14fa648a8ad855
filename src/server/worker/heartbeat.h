#pragma once

#include <algorithm>
#include <string_view>

#include "base/clock.h"
#include "config/settings.gen.h"

namespace gunicorn::server {

/// How long a worker that serves may be silent before the master ends it; zero is for ever. A sync worker is silent while its
/// application runs: there request_timeout bounds it as well.
[[nodiscard]] inline Duration silence_limit(const config::Settings& settings, std::string_view worker_class) {
    const std::chrono::seconds timeout(settings.timeout);
    const std::chrono::seconds request_timeout(settings.request_timeout);
    if (worker_class != "sync" || request_timeout.count() == 0) return timeout;
    return timeout.count() == 0 ? request_timeout : std::min(timeout, request_timeout);
}

}  // namespace gunicorn::server
