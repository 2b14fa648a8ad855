#pragma once
// Who the client is, and whether what its requests say of that is believed.

#include <optional>
#include <string_view>

#include "gateway/exchange.h"
#include "http/proxy_protocol.h"
#include "http/request_head.h"
#include "server/net/trusted_peers.h"

namespace gunicorn::server {

/// Takes over what a proxy that may say it said about a connection. Requests then come from the client it names, no
/// longer from the proxy: that client must be in forwarded_allow_ips for its headers to be believed. Of a client that
/// is not named only
/// "*" is known to hold it. Gunicorn asks the proxy's address instead, so that behind a proxy that passes bytes on
/// every client could send such headers.
void apply_proxy_header(const http::ProxyHeader& header, const TrustedPeers& trusted, gateway::ConnectionInfo& info);

/// The client of a request of a trusted peer, by the list of addresses in the fields called `name` (any case): each
/// proxy appends whom it got the request from. The rightmost one that is not itself trusted; the leftmost when all are.
/// "*" does not make an address a proxy: with it alone the rightmost one is taken, the only one the peer vouches for.
/// An entry that is no address ends the walk: what is left of it was said by nobody known, and the last proxy that is
/// known counts. Nothing without such a one. Entries are ADDRESS, V4:PORT, [V6] or [V6]:PORT; empty ones are passed
/// over (RFC 9110 5.6.1.2).
[[nodiscard]] std::optional<gateway::ClientAddress> forwarded_client(const http::RequestHead& head,
                                                                     std::string_view name,
                                                                     const TrustedPeers& trusted);

}  // namespace gunicorn::server
