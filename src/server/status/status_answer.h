#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "server/status/server_status.h"

namespace gunicorn::server {

struct StatusAnswer {
    int status = 200;
    std::string_view type;  ///< static
    std::string body;
};

/// Gathers what is known now.
using LookAtServer = std::function<ServerStatus()>;

/// The endpoints: /healthz, /readyz, /metrics, /status and /; a 404 for any other path.
[[nodiscard]] StatusAnswer status_answer(std::string_view path, const LookAtServer& look);

}  // namespace gunicorn::server
