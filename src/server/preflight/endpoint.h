#pragma once
// Addresses as the kernel compares them when one of two sockets wants to listen.

#include <array>
#include <cstdint>

#include "server/net/address.h"

namespace gunicorn::server::preflight {

/// In network order; IPv4 is mapped (::ffff:a.b.c.d).
using IpAddress = std::array<std::uint8_t, 16>;

[[nodiscard]] IpAddress map_ipv4(const std::uint8_t* four_bytes) noexcept;
/// Also of an IPv6 socket that is bound to a mapped address.
[[nodiscard]] bool is_ipv4(const IpAddress& address) noexcept;
[[nodiscard]] std::string to_string(const IpAddress& address);

struct Endpoint {
    IpAddress address{};
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
