#pragma once
// Addresses as the kernel compares them when one of two sockets wants to listen.

#include <cstdint>

#include "base/ip_address.h"
#include "server/net/address.h"

namespace gunicorn::server::preflight {

struct Endpoint {
    IpAddress address;  ///< of IPv4 also where an IPv6 socket is bound to a mapped one
    std::uint16_t port = 0;

    /// `address` is of a family of IP.
    static Endpoint of(const SocketAddress& address);
    [[nodiscard]] bool is_wildcard() const noexcept;
    bool operator==(const Endpoint&) const = default;
};
/// "127.0.0.1:80", "[::1]:80"
[[nodiscard]] std::string to_string(const Endpoint& endpoint);

/// Whether an IPv6 wildcard takes IPv4 connections too.
enum class DualStack { no, yes, unknown };

enum class Overlap {
    no,
    yes,
    perhaps,  ///< only when the IPv6 wildcard is dual-stack, which nobody said
};

/// Whether two listening sockets exclude each other. Port 0 is always another one.
[[nodiscard]] Overlap overlap(const Endpoint& a, DualStack a_wildcard, const Endpoint& b, DualStack b_wildcard) noexcept;

}  // namespace gunicorn::server::preflight
