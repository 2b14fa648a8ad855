#pragma once

#include <sys/socket.h>

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/ip_address.h"
#include "base/result.h"

namespace gunicorn::server {

/// The addresses of forwarded_allow_ips or proxy_allow_ips: "*", single addresses and networks.
class TrustedPeers {
public:
    static Result<TrustedPeers> create(std::span<const std::string> entries);

    /// By one of the entries other than "*", which says nothing about who is a proxy.
    [[nodiscard]] bool names(const IpAddress& address) const noexcept;
    /// Whether the peer of a connection is trusted. Unix peers, which have no address, always are, as in Gunicorn.
    [[nodiscard]] bool trusts(const std::optional<IpAddress>& peer) const noexcept {
        return everyone_ || !peer || names(*peer);
    }

private:
    bool everyone_ = false;
    std::vector<IpNetwork> networks_;
};

}  // namespace gunicorn::server
