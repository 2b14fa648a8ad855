#pragma once

#include <string>

#include "config/settings.gen.h"
#include "server/arbiter/plan.h"

namespace gunicorn::server {

/// What the settings say to plan(). Where a reload or a stop stands is not in them.
[[nodiscard]] Policy policy_of(const config::Settings& settings, const std::string& worker_class);

}  // namespace gunicorn::server
