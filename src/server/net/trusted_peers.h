#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace gunicorn::server {

/// The addresses of forwarded_allow_ips: "*", single addresses and networks. Unix peers are always trusted, as in Gunicorn.
class TrustedPeers {
public:
    static Result<TrustedPeers> create(std::span<const std::string> entries);
    /// An IPv4 client of an IPv6 socket (::ffff:a.b.c.d) is judged as IPv4.
    [[nodiscard]] bool contains(const sockaddr* peer) const noexcept;

private:
    struct Network {
        int family = 0;
        std::array<std::uint8_t, 16> address{};
        unsigned prefix = 0;  // bits
    };
    bool everyone_ = false;
    std::vector<Network> networks_;
};

}  // namespace gunicorn::server
