#include "server/net/address.h"

#include <netinet/in.h>

#include <catch2/catch.hpp>

namespace gunicorn::server {
namespace {

TEST_CASE("addresses as bind writes them") {  // Gunicorn: util.parse_address
    struct Case {
        const char* text;
        Address expected;
        const char* logged;
    };
    for (const Case& c : {
             Case{"127.0.0.1:8000", Address::tcp("127.0.0.1", 8000), "http://127.0.0.1:8000"},
             Case{"tcp://127.0.0.1:80", Address::tcp("127.0.0.1", 80), "http://127.0.0.1:80"},
             Case{"LocalHost:1", Address::tcp("localhost", 1), "http://localhost:1"},
             Case{"example.com", Address::tcp("example.com", 8000), "http://example.com:8000"},
             Case{"", Address::tcp("0.0.0.0", 8000), "http://0.0.0.0:8000"},
             Case{"tcp://", Address::tcp("0.0.0.0", 8000), "http://0.0.0.0:8000"},
             Case{":5000", Address::tcp("0.0.0.0", 5000), "http://0.0.0.0:5000"},
             Case{"0.0.0.0:0", Address::tcp("0.0.0.0", 0), "http://0.0.0.0:0"},
             Case{"a:65535", Address::tcp("a", 65535), "http://a:65535"},
             Case{"[::]:5000", Address::tcp("::", 5000), "http://[::]:5000"},
             Case{"[::1]", Address::tcp("::1", 8000), "http://[::1]:8000"},
             Case{"tcp://[FE80::A]:99", Address::tcp("fe80::a", 99), "http://[fe80::a]:99"},
             Case{"unix:/run/app.sock", Address::unix_socket("/run/app.sock"), "unix:/run/app.sock"},
             Case{"unix:///run/app.sock", Address::unix_socket("/run/app.sock"), "unix:/run/app.sock"},
             Case{"unix:App.sock", Address::unix_socket("App.sock"), "unix:App.sock"},
             Case{"unix://app.sock", Address::unix_socket("app.sock"), "unix:app.sock"},
             Case{"fd://3", Address::descriptor(3), "fd://3"},
         }) {
        INFO(c.text);
        auto parsed = Address::parse(c.text);
        REQUIRE(parsed);
        CHECK(*parsed == c.expected);
        CHECK(to_string(*parsed) == c.logged);
    }
}

TEST_CASE("addresses that are refused say why") {
    struct Case {
        const char* text;
        const char* message;
    };
    for (const Case& c : {
             Case{"x:abc", "'abc' is not a valid port number."},
             Case{"x:-1", "'-1' is not a valid port number."},
             Case{"x:65536", "'65536' is not a valid port number."},
             Case{"x:99999999999999999999", "'99999999999999999999' is not a valid port number."},
             Case{"x:", "'' is not a valid port number."},
             Case{"[::1]:", "'' is not a valid port number."},
             Case{"a:1:2", "'a:1:2' has more than one \":\"; an IPv6 address is written [ADDRESS]:PORT"},
             Case{"::1", "'::1' has more than one \":\"; an IPv6 address is written [ADDRESS]:PORT"},
             Case{"/x.sock", "'/x.sock' is a path, not an address; did you mean unix:/x.sock?"},
             Case{"run/x.sock", "'run/x.sock' is a path, not an address; did you mean unix:run/x.sock?"},
             Case{"http://localhost:80", "'http://localhost:80' is not an address: unix:PATH, fd://N or HOST:PORT"},
             Case{"tcp:///x.sock", "'tcp:///x.sock' is not an address: unix:PATH, fd://N or HOST:PORT"},
             Case{"unix:", "unix: is followed by no path"},
             Case{"unix://", "unix: is followed by no path"},
             Case{"fd://x", "fd://x: not a descriptor number"},
             Case{"fd://", "fd://: not a descriptor number"},
             Case{"[::1", "[::1: the \"[\" is not closed"},
             Case{"[::1]80", "[::1]80: after \"]\" only \":PORT\" can follow"},
             Case{"[localhost]:80", "[localhost]:80: only an IPv6 address stands in brackets"},
             Case{"a b:80", "'a b' is not a host name"},
         }) {
        INFO(c.text);
        auto parsed = Address::parse(c.text);
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error().message == c.message);
        CHECK(parsed.error().kind == ErrorKind::invalid_argument);
    }
}

TEST_CASE("a path that does not fit into a socket address is refused") {
    CHECK(Address::parse("unix:" + std::string(107, 'x')));
    CHECK_FALSE(Address::parse("unix:" + std::string(108, 'x')));
}

TEST_CASE("addresses as Python prints them") {
    CHECK(to_python(Address::tcp("127.0.0.1", 8000)) == "('127.0.0.1', 8000)");
    CHECK(to_python(Address::unix_socket("/x.sock")) == "/x.sock");
    CHECK(to_python(Address::descriptor(3)) == "3");
    CHECK(to_string(Address::tcp("::1", 443), Scheme::https) == "https://[::1]:443");
}

TEST_CASE("numbers and names resolve to socket addresses, names to IPv4 first") {
    for (const auto& [host, family, numeric] :
         {std::tuple{"127.0.0.1", AF_INET, "127.0.0.1"}, std::tuple{"::1", AF_INET6, "::1"},
          std::tuple{"localhost", AF_INET, "127.0.0.1"}}) {
        INFO(host);
        auto found = resolve(Address::tcp(host, 8000));
        REQUIRE(found);
        CHECK(found->family() == family);
        CHECK(address_of(*found) == Address::tcp(numeric, 8000));
    }
    auto path = resolve(Address::unix_socket("/run/x.sock"));
    REQUIRE(path);
    CHECK(address_of(*path) == Address::unix_socket("/run/x.sock"));
}

TEST_CASE("a name that does not exist is an error that names it") {
    auto found = resolve(Address::tcp("no-such-host.invalid", 80));
    REQUIRE_FALSE(found);
    CHECK(found.error().message.find("('no-such-host.invalid', 80): ") == 0);
}

}  // namespace
}  // namespace gunicorn::server
