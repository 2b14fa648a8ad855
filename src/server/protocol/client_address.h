#pragma once
// Who the client is, and whether what its requests say of that is believed.

#include <optional>
#include <string_view>

#include "gateway/exchange.h"
#include "http/proxy_protocol.h"
#include "http/request_head.h"
#include "server/net/trusted_peers.h"

namespace gunicorn::server {

/// Takes over what a proxy that may say it said about a connection. Whether its requests' headers are believed stays a
/// matter of the peer, as in Gunicorn; a list of further clients (forwarded_client) is one of the client that it names.
void apply_proxy_header(const http::ProxyHeader& header, const TrustedPeers& trusted, gateway::ConnectionInfo& info);

/// The client of a request of a trusted peer, by the list of addresses in the fields called `name` (any case): each
/// proxy appends whom it got the request from. The rightmost one that is not itself trusted; the leftmost when all are.
/// "*" does not make an address a proxy: with it alone the rightmost one is taken, the only one the peer vouches for.
/// An entry that is no address ends the walk: what is left of it was said by nobody known, and the last proxy that is
/// known counts. Nothing without such a one. Entries are ADDRESS, V4:PORT, [V6] or [V6]:PORT; empty ones are passed
/// over (RFC 9110 5.6.1.2).
[[nodiscard]] std::optional<gateway::ClientAddress> forwarded_client(const http::RequestHead& head, std::string_view name,
                                                                     const TrustedPeers& trusted);

}  // namespace gunicorn::server
