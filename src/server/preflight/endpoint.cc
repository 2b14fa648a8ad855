#include "server/preflight/endpoint.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

namespace gunicorn::server::preflight {
namespace {

constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool is_zero(const std::uint8_t* begin, const std::uint8_t* end) {
    return std::all_of(begin, end, [](std::uint8_t byte) { return byte == 0; });
}

bool is_ipv6_wildcard(const Endpoint& endpoint) { return endpoint.is_wildcard() && !is_ipv4(endpoint.address); }

}  // namespace

IpAddress map_ipv4(const std::uint8_t* four_bytes) noexcept {
    IpAddress mapped{};
    std::copy(kMapped.begin(), kMapped.end(), mapped.begin());
    std::copy_n(four_bytes, 4, mapped.begin() + kMapped.size());
    return mapped;
}

bool is_ipv4(const IpAddress& address) noexcept { return std::equal(kMapped.begin(), kMapped.end(), address.begin()); }

std::string to_string(const IpAddress& address) {
    char text[INET6_ADDRSTRLEN] = "";
    if (is_ipv4(address)) {
        ::inet_ntop(AF_INET, address.data() + kMapped.size(), text, sizeof text);
    } else {
        ::inet_ntop(AF_INET6, address.data(), text, sizeof text);
    }
    return text;
}

Endpoint Endpoint::of(const SocketAddress& address) {
    Endpoint endpoint;
    if (address.family() == AF_INET) {
        sockaddr_in ipv4{};
        std::memcpy(&ipv4, &address.storage, sizeof ipv4);
        std::uint8_t bytes[4];
        std::memcpy(bytes, &ipv4.sin_addr, sizeof bytes);
        endpoint.address = map_ipv4(bytes);
        endpoint.port = ntohs(ipv4.sin_port);
    } else {
        sockaddr_in6 ipv6{};
        std::memcpy(&ipv6, &address.storage, sizeof ipv6);
        std::memcpy(endpoint.address.data(), &ipv6.sin6_addr, endpoint.address.size());
        endpoint.port = ntohs(ipv6.sin6_port);
    }
    return endpoint;
}

bool Endpoint::is_wildcard() const noexcept {
    const std::uint8_t* begin = address.data() + (is_ipv4(address) ? kMapped.size() : 0);
    return is_zero(begin, address.data() + address.size());
}

std::string to_string(const Endpoint& endpoint) {
    const char* form = is_ipv4(endpoint.address) ? "{}:{}" : "[{}]:{}";
    return fmt::format(fmt::runtime(form), to_string(endpoint.address), endpoint.port);
}

// The kernel's inet_rcv_saddr_equal with match_wildcard.
Overlap overlap(const Endpoint& a, DualStack a_wildcard, const Endpoint& b, DualStack b_wildcard) noexcept {
    if (a.port != b.port || a.port == 0) return Overlap::no;
    if (a.address == b.address) return Overlap::yes;
    if (is_ipv4(a.address) == is_ipv4(b.address)) return a.is_wildcard() || b.is_wildcard() ? Overlap::yes : Overlap::no;
    if (!is_ipv6_wildcard(a) && !is_ipv6_wildcard(b)) return Overlap::no;
    switch (is_ipv6_wildcard(a) ? a_wildcard : b_wildcard) {
        case DualStack::no: return Overlap::no;
        case DualStack::yes: return Overlap::yes;
        case DualStack::unknown: return Overlap::perhaps;
    }
    return Overlap::no;
}

}  // namespace gunicorn::server::preflight
