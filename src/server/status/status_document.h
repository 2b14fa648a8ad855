#pragma once

#include <string>

#include "server/status/server_status.h"

namespace gunicorn::server {

/// JSON with the fields that docs/monitoring.md lists; what is not known is null. Bytes that are no UTF-8 become U+FFFD.
[[nodiscard]] std::string status_document(const ServerStatus& status);

}  // namespace gunicorn::server
