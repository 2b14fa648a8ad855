#pragma once
// For the sources of net/ only.

#include "server/net/openssl_handles.h"
#include "server/net/tls_context.h"

namespace gunicorn::server {

struct TlsContext::Impl {
    SslContextHandle context;
    const TicketKeys* tickets = nullptr;
    CipherHandle ticket_cipher;  // fetched once: a look-up by name costs more than sealing a ticket
    bool tells_ragged_ends = false;
};

}  // namespace gunicorn::server
