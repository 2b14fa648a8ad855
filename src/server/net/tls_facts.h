#pragma once
// For the sources of net/ only.

#include <vector>

#include "gateway/exchange.h"
#include "server/net/openssl_handles.h"

namespace gunicorn::server {

/// What is known of a connection whose handshake is done: version, cipher, SNI, client certificate. The names are those of
/// Apache's mod_ssl (docs/tls.md).
[[nodiscard]] std::vector<gateway::TlsFact> tls_facts_of(SSL* ssl);

}  // namespace gunicorn::server
