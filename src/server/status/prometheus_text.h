#pragma once

#include <string>
#include <string_view>

#include "server/status/server_status.h"

namespace gunicorn::server {

inline constexpr std::string_view kPrometheusType = "text/plain; version=0.0.4; charset=utf-8";

/// The text format 0.0.4 of Prometheus; docs/monitoring.md has the names. Same status, same text. What is not known is left
/// out.
[[nodiscard]] std::string prometheus_text(const ServerStatus& status);

}  // namespace gunicorn::server
