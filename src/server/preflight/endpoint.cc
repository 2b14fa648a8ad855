#include "server/preflight/endpoint.h"

#include <netinet/in.h>

#include <algorithm>

#include <fmt/format.h>

namespace gunicorn::server::preflight {
namespace {

bool is_ipv6_wildcard(const Endpoint& endpoint) { return endpoint.is_wildcard() && !endpoint.address.is_v4(); }

}  // namespace

Endpoint Endpoint::of(const SocketAddress& address) {
    const in_port_t port = address.family() == AF_INET ? reinterpret_cast<const sockaddr_in*>(address.get())->sin_port
                                                       : reinterpret_cast<const sockaddr_in6*>(address.get())->sin6_port;
    return {ip_address_of(address.get())->unmapped(), ntohs(port)};
}

bool Endpoint::is_wildcard() const noexcept {
    const auto& bytes = address.bytes();
    return std::all_of(bytes.begin() + (address.is_v4() ? 12 : 0), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

std::string to_string(const Endpoint& endpoint) {
    const char* form = endpoint.address.is_v4() ? "{}:{}" : "[{}]:{}";
    return fmt::format(fmt::runtime(form), endpoint.address.to_string(), endpoint.port);
}

// The kernel's inet_rcv_saddr_equal with match_wildcard.
Overlap overlap(const Endpoint& a, DualStack a_wildcard, const Endpoint& b, DualStack b_wildcard) noexcept {
    if (a.port != b.port || a.port == 0) return Overlap::no;
    if (a.address == b.address) return Overlap::yes;
    if (a.address.is_v4() == b.address.is_v4()) return a.is_wildcard() || b.is_wildcard() ? Overlap::yes : Overlap::no;
    if (!is_ipv6_wildcard(a) && !is_ipv6_wildcard(b)) return Overlap::no;
    switch (is_ipv6_wildcard(a) ? a_wildcard : b_wildcard) {
        case DualStack::no: return Overlap::no;
        case DualStack::yes: return Overlap::yes;
        case DualStack::unknown: return Overlap::perhaps;
    }
    return Overlap::no;
}

}  // namespace gunicorn::server::preflight
