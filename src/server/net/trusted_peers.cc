#include "server/net/trusted_peers.h"

#include <algorithm>

namespace gunicorn::server {

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
