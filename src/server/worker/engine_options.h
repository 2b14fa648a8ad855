#pragma once

#include <optional>

#include "base/result.h"
#include "config/settings.gen.h"
#include "server/net/listener.h"
#include "server/net/tls_context.h"
#include "server/worker/engine.h"

namespace gunicorn::server {

/// What the settings mean for the data plane. The one place where both are known.
Result<EngineOptions> engine_options(const config::Settings& settings);
[[nodiscard]] ListenerOptions listener_options(const config::Settings& settings);

/// What the native TLS of connections is made from. Nothing without `certfile`, and nothing with the hook `ssl_context`:
/// what that gives speaks TLS instead.
[[nodiscard]] std::optional<TlsOptions> tls_options(const config::Settings& settings);

/// Whether the hook `ssl_context` makes the TLS of connections: it is not called without `certfile` (Gunicorn:
/// Config.is_ssl).
[[nodiscard]] bool has_tls_by_hook(const config::Settings& settings);

}  // namespace gunicorn::server
