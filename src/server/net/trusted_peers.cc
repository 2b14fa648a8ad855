#include "server/net/trusted_peers.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstring>
#include <string_view>

#include "base/text.h"

namespace gunicorn::server {
namespace {

bool same_prefix(const std::uint8_t* a, const std::uint8_t* b, unsigned bits) noexcept {
    if (std::memcmp(a, b, bits / 8) != 0) return false;
    if (bits % 8 == 0) return true;
    const auto mask = static_cast<std::uint8_t>(0xff << (8 - bits % 8));
    return ((a[bits / 8] ^ b[bits / 8]) & mask) == 0;
}

}  // namespace

Result<TrustedPeers> TrustedPeers::create(std::span<const std::string> entries) {
    TrustedPeers peers;
    for (const std::string& entry : entries) {
        if (entry == "*") {
            peers.everyone_ = true;
            continue;
        }
        const auto slash = entry.find('/');
        const std::string host = entry.substr(0, slash);
        Network network;
        network.family = host.find(':') == std::string::npos ? AF_INET : AF_INET6;
        network.prefix = network.family == AF_INET ? 32 : 128;
        const bool is_address = ::inet_pton(network.family, host.c_str(), network.address.data()) == 1;
        if (slash != std::string::npos) {
            const auto bits = text::parse_decimal(std::string_view(entry).substr(slash + 1));
            if (!bits || *bits > network.prefix) return failure(ErrorKind::invalid_argument, "'" + entry + "' is no network");
            network.prefix = static_cast<unsigned>(*bits);
        }
        if (!is_address) return failure(ErrorKind::invalid_argument, "'" + entry + "' is no address or network");
        peers.networks_.push_back(network);
    }
    return peers;
}

bool TrustedPeers::contains(const sockaddr* peer) const noexcept {
    if (everyone_ || peer->sa_family == AF_UNIX) return true;
    int family = peer->sa_family;
    const std::uint8_t* bytes = nullptr;
    if (family == AF_INET) {
        bytes = reinterpret_cast<const std::uint8_t*>(&reinterpret_cast<const sockaddr_in*>(peer)->sin_addr);
    } else if (family == AF_INET6) {
        const in6_addr& address = reinterpret_cast<const sockaddr_in6*>(peer)->sin6_addr;
        bytes = address.s6_addr;
        if (IN6_IS_ADDR_V4MAPPED(&address)) {
            family = AF_INET;
            bytes += 12;
        }
    } else {
        return false;
    }
    for (const Network& network : networks_) {
        if (network.family == family && same_prefix(network.address.data(), bytes, network.prefix)) return true;
    }
    return false;
}

}  // namespace gunicorn::server
