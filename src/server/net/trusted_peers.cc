#include "server/net/trusted_peers.h"

#include <netinet/in.h>

#include <algorithm>

namespace gunicorn::server {

std::optional<IpAddress> ip_address_of(const sockaddr* peer) noexcept {
    if (peer->sa_family == AF_INET) {
        const in_addr& address = reinterpret_cast<const sockaddr_in*>(peer)->sin_addr;
        return IpAddress::from_v4(reinterpret_cast<const std::uint8_t*>(&address));
    }
    if (peer->sa_family == AF_INET6)
        return IpAddress::from_v6(reinterpret_cast<const sockaddr_in6*>(peer)->sin6_addr.s6_addr);
    return std::nullopt;
}

Result<TrustedPeers> TrustedPeers::create(std::span<const std::string> entries) {
    TrustedPeers peers;
    for (const std::string& entry : entries) {
        if (entry == "*") {
            peers.everyone_ = true;
            continue;
        }
        const auto network = IpNetwork::parse(entry);
        if (!network) return failure(ErrorKind::invalid_argument, "'" + entry + "' is no address or network");
        peers.networks_.push_back(*network);
    }
    return peers;
}

bool TrustedPeers::names(const IpAddress& address) const noexcept {
    return std::any_of(networks_.begin(), networks_.end(),
                       [&](const IpNetwork& network) { return network.contains(address); });
}

}  // namespace gunicorn::server
