#pragma once
// What the preflight asks about this host, as values: tests write their own.

#include <sys/socket.h>
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "server/preflight/endpoint.h"

namespace gunicorn::server::preflight {

/// The numbers of linux/capability.h.
enum class Capability : unsigned { setgid = 6, setuid = 7, net_bind_service = 10 };

/// An address of an interface. On a loopback interface the whole network belongs to this host, not only the address.
struct InterfaceAddress {
    IpAddress address;
    unsigned prefix = 128;  ///< in bits of an IPv6 address; IPv4 addresses are mapped ones
};

struct Host {
    std::string proc = "/proc";  ///< where procfs is
    uid_t user = 0;              ///< effective ids of this process, which will be the master
    gid_t group = 0;
    std::uint64_t capabilities = 0;  ///< effective ones, a bit each
    int first_unprivileged_port = 1024;
    bool ipv6_only = false;      ///< an IPv6 wildcard takes no IPv4 connections (net.ipv6.bindv6only)
    bool nonlocal_ipv4 = false;  ///< addresses of other hosts may be bound (net.ipv4.ip_nonlocal_bind)
    bool nonlocal_ipv6 = false;
    std::vector<InterfaceAddress> interfaces;
    /// Descriptors that systemd passed (LISTEN_FDS), counted from 3; 0 without.
    int systemd_descriptors = 0;
    /// The master that wants to know what a reload would find; 0: nobody said which server runs already.
    pid_t running_master = 0;

    /// This process on this host, as `proc` describes it. What cannot be read keeps the kernel's default.
    static Host inspect(std::string proc = "/proc");

    [[nodiscard]] bool has(Capability wanted) const noexcept {
        return (capabilities >> static_cast<unsigned>(wanted) & 1U) != 0;
    }
    /// Whether the address, which is no wildcard, can be bound here.
    [[nodiscard]] bool may_bind(const IpAddress& address) const;
};

}  // namespace gunicorn::server::preflight
