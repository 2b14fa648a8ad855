#include "server/net/trusted_peers.h"

#include <netinet/in.h>

#include <catch2/catch.hpp>

#include "server/net/address.h"

namespace gunicorn::server {
namespace {

TrustedPeers peers(std::vector<std::string> entries) { return *TrustedPeers::create(entries); }

bool trusts(const TrustedPeers& peers, const char* address) { return peers.trusts(IpAddress::parse(address)); }

TEST_CASE("whoever is listed is trusted, and nobody else") {
    const TrustedPeers some = peers({"127.0.0.1", "10.0.0.0/8", "2001:db8::/32"});
    CHECK(trusts(some, "127.0.0.1"));
    CHECK(trusts(some, "10.255.0.1"));
    CHECK(trusts(some, "2001:db8::1"));
    CHECK_FALSE(trusts(some, "127.0.0.2"));
    CHECK_FALSE(trusts(some, "::1"));
    CHECK_FALSE(trusts(peers({}), "127.0.0.1"));
}

TEST_CASE("a peer without an address came by a unix socket and is trusted") { CHECK(peers({}).trusts(std::nullopt)); }

TEST_CASE("a star trusts everybody and names nobody") {
    const TrustedPeers everyone = peers({"10.0.0.0/8", "*"});
    CHECK(trusts(everyone, "203.0.113.7"));
    CHECK_FALSE(everyone.names(*IpAddress::parse("203.0.113.7")));
    CHECK(everyone.names(*IpAddress::parse("10.1.1.1")));
    CHECK_FALSE(trusts(peers({"0.0.0.0/0"}), "2001:db8::1"));
}

TEST_CASE("what is no network is refused") {
    CHECK_FALSE(TrustedPeers::create(std::vector<std::string>{"127.0.0.1", "localhost"}));
}

TEST_CASE("the address of a socket's peer is read from the kernel's form") {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_addr.s_addr = htonl(0x0a010203);
    CHECK(ip_address_of(reinterpret_cast<const sockaddr*>(&v4)) == IpAddress::parse("10.1.2.3"));
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_addr = in6addr_loopback;
    CHECK(ip_address_of(reinterpret_cast<const sockaddr*>(&v6)) == IpAddress::parse("::1"));
    sockaddr local{};
    local.sa_family = AF_UNIX;
    CHECK_FALSE(ip_address_of(&local));
}

}  // namespace
}  // namespace gunicorn::server
