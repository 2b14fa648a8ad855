#include "server/protocol/client_address.h"

#include <catch2/catch.hpp>

#include "http/head_parser.h"

namespace gunicorn::server {
namespace {

using Kind = http::ProxyHeader::Kind;

TrustedPeers peers(std::vector<std::string> entries) { return *TrustedPeers::create(entries); }

http::RequestHead head_with(const std::vector<std::string>& fields) {
    std::string bytes = "GET / HTTP/1.1\r\n";
    for (const std::string& field : fields) bytes += field + "\r\n";
    http::RequestHead head;
    http::HeadParser parser({}, {});
    REQUIRE(parser.feed(bytes + "\r\n", head)->complete);
    return head;
}

/// "ADDRESS PORT", or "" for nobody.
std::string client(const std::vector<std::string>& lists, const TrustedPeers& trusted) {
    std::vector<std::string> fields;
    for (const std::string& list : lists) fields.push_back("X-Forwarded-For: " + list);
    const auto found = forwarded_client(head_with(fields), "X-FORWARDED-FOR", trusted);
    return found ? found->address + " " + found->port : "";
}

TEST_CASE("the rightmost address that is no proxy is the client") {
    const TrustedPeers trusted = peers({"10.0.0.0/8", "::1"});
    CHECK(client({"1.2.3.4"}, trusted) == "1.2.3.4 ");
    CHECK(client({"9.9.9.9, 1.2.3.4, 10.0.0.2,::1"}, trusted) == "1.2.3.4 ");
    CHECK(client({"9.9.9.9", "1.2.3.4, 10.0.0.2", "10.0.0.1"}, trusted) == "1.2.3.4 ");
    CHECK(client({"::ffff:10.0.0.9, ::FFFF:1.2.3.4, ::ffff:10.0.0.1"}, trusted) == "::ffff:1.2.3.4 ");
    CHECK(client({}, trusted).empty());
    CHECK(client({"", " , ,"}, trusted).empty());
    CHECK(client({" ,1.2.3.4,, "}, trusted) == "1.2.3.4 ");
}

TEST_CASE("when all addresses are proxies the leftmost is the client") {
    CHECK(client({"10.0.0.3, 10.0.0.2", "10.0.0.1"}, peers({"10.0.0.0/8"})) == "10.0.0.3 ");
    CHECK(client({"1.1.1.1, 2.2.2.2"}, peers({"0.0.0.0/0"})) == "1.1.1.1 ");
}

TEST_CASE("a star makes no address a proxy") {
    CHECK(client({"9.9.9.9, 1.2.3.4"}, peers({"*"})) == "1.2.3.4 ");
    CHECK(client({"9.9.9.9, 1.2.3.4, 10.0.0.1"}, peers({"*", "10.0.0.0/8"})) == "1.2.3.4 ");
}

TEST_CASE("an entry that is no address ends the walk at the last proxy that is known") {
    const TrustedPeers trusted = peers({"10.0.0.0/8"});
    for (const std::string garbage : {"unknown",        "_hidden",       "1.2.3",       "1.2.3.4.5",
                                      "1.2.3.4:",       "1.2.3.4:65536", "1.2.3.4:-1",  "1.2.3.4 5.6.7.8",
                                      "[1.2.3.4]",      "[::1",          "[::1]x",      "[::1]:",
                                      "[::1]:99999",    "::1]",          "[]",          "fe80::1%eth0",
                                      "\"1.2.3.4\"",    "for=1.2.3.4",   "1.2.3.4\x80", "127.1",
                                      "0x7f.0.0.1",     "010.0.0.1",     ":",           "::1::",
                                      "1.2.3.4;5.6.7.8"}) {
        CAPTURE(garbage);
        CHECK(client({garbage}, trusted).empty());
        CHECK(client({"1.2.3.4, " + garbage}, trusted).empty());
        CHECK(client({"1.2.3.4, " + garbage + ", 10.0.0.1"}, trusted) == "10.0.0.1 ");
        CHECK(client({"1.2.3.4", garbage, "10.0.0.2, 10.0.0.1"}, trusted) == "10.0.0.2 ");
    }
}

TEST_CASE("an entry may have a port") {
    const TrustedPeers none = peers({});
    CHECK(client({"1.2.3.4:567"}, none) == "1.2.3.4 567");
    CHECK(client({"1.2.3.4:00567"}, none) == "1.2.3.4 567");
    CHECK(client({"[2001:db8::1]:8"}, none) == "2001:db8::1 8");
    CHECK(client({"[2001:db8::1]"}, none) == "2001:db8::1 ");
    CHECK(client({"2001:db8::1"}, none) == "2001:db8::1 ");
    CHECK(client({"1.2.3.4:5, 10.0.0.1:6"}, peers({"10.0.0.1"})) == "1.2.3.4 5");
}

TEST_CASE("only fields of the name count, in any case") {
    const auto head = head_with({"x-real-ip: 1.2.3.4", "X-Real: 5.6.7.8", "X_Real_Ip: 9.9.9.9"});
    CHECK(forwarded_client(head, "X-Real-IP", peers({}))->address == "1.2.3.4");
}

gateway::ConnectionInfo info_of_trusted_peer() {
    gateway::ConnectionInfo info;
    info.remote_address = "127.0.0.1";
    info.remote_port = "5";
    info.peer_is_trusted = true;
    return info;
}

http::ProxyHeader header(Kind kind) {
    return {.kind = kind,
            .protocol = "TCP4",
            .source = {*IpAddress::parse("1.2.3.4"), 1000},
            .destination = {*IpAddress::parse("5.6.7.8"), 80}};
}

TEST_CASE("without a header, and with one for the proxy itself, the peer is the client") {
    for (const Kind kind : {Kind::absent, Kind::local}) {
        gateway::ConnectionInfo info = info_of_trusted_peer();
        apply_proxy_header(header(kind), peers({"127.0.0.1"}), info);
        CHECK(info.client().address == "127.0.0.1");
        CHECK(info.client().port == "5");
        CHECK(info.client_is_proxy);
        CHECK(info.proxied.has_value() == (kind == Kind::local));
    }
}

TEST_CASE("a client that is not named has the peer's address, and may name nobody else") {
    gateway::ConnectionInfo info = info_of_trusted_peer();
    apply_proxy_header(header(Kind::unnamed), peers({"*"}), info);
    CHECK(info.client().address == "127.0.0.1");
    CHECK_FALSE(info.client_is_proxy);
}

TEST_CASE("a client that is named may name another one where it is a proxy itself") {
    const std::pair<const char*, bool> rows[] = {{"127.0.0.1", false}, {"1.2.3.0/24", true}, {"*", false}};
    for (const auto& [trusted, expected] : rows) {
        CAPTURE(trusted);
        gateway::ConnectionInfo info = info_of_trusted_peer();
        apply_proxy_header(header(Kind::named), peers({trusted}), info);
        CHECK(info.client().address == "1.2.3.4");
        CHECK(info.client().port == "1000");
        CHECK(info.proxied->server.address == "5.6.7.8");
        CHECK(info.proxied->server.port == "80");
        CHECK(info.client_is_proxy == expected);
        CHECK(info.peer_is_trusted);
    }
}

}  // namespace
}  // namespace gunicorn::server
