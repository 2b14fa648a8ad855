#include "base/ip_address.h"

#include <catch2/catch.hpp>

namespace gunicorn {
namespace {

bool is_in(const char* address, const char* network) {
    return IpNetwork::parse(network)->contains(*IpAddress::parse(address));
}

TEST_CASE("addresses are read as inet_pton reads them and written in one form") {
    CHECK(IpAddress::parse("1.2.3.4")->to_string() == "1.2.3.4");
    CHECK(IpAddress::parse("0:0:0:0:0:0:0:1")->to_string() == "::1");
    CHECK(IpAddress::parse("::FFFF:1.2.3.4")->to_string() == "::ffff:1.2.3.4");
    CHECK(IpAddress::parse("1.2.3.4")->is_v4());
    CHECK_FALSE(IpAddress::parse("::ffff:1.2.3.4")->is_v4());
}

TEST_CASE("what is no address alone is none") {
    using namespace std::string_view_literals;
    for (const std::string_view bad : {""sv, "1.2.3"sv, "01.2.3.4"sv, "1.2.3.4 "sv, " ::1"sv, "[::1]"sv,
                                       "fe80::1%eth0"sv, "::1/128"sv, "1.2.3.4\0"sv, "1.2.3.4\0x"sv, "localhost"sv,
                                       "::g"sv, "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000"sv}) {
        CAPTURE(bad);
        CHECK_FALSE(IpAddress::parse(bad));
    }
}

TEST_CASE("a network holds the addresses with its prefix") {
    CHECK(is_in("10.1.2.3", "10.0.0.0/8"));
    CHECK_FALSE(is_in("11.1.2.3", "10.0.0.0/8"));
    CHECK(is_in("10.1.2.3", "10.0.0.0/255.0.0.0"));
    CHECK(is_in("10.1.2.3", "10.0.0.0/0.255.255.255"));
    CHECK(is_in("192.168.1.127", "192.168.1.0/25"));
    CHECK_FALSE(is_in("192.168.1.128", "192.168.1.0/25"));
    CHECK(is_in("1.2.3.4", "1.2.3.4"));
    CHECK_FALSE(is_in("1.2.3.5", "1.2.3.4"));
    CHECK(is_in("200.1.1.1", "0.0.0.0/0"));
    CHECK(is_in("2001:db8:1::5", "2001:db8::/32"));
    CHECK_FALSE(is_in("2001:db9::5", "2001:db8::/32"));
    CHECK(is_in("fe80::1", "fe80::1%eth0"));
}

TEST_CASE("an IPv4 client of an IPv6 socket is judged as IPv4 too, and IPv4 is in no wider IPv6 network") {
    CHECK(is_in("::ffff:10.1.2.3", "10.0.0.0/8"));
    CHECK(is_in("10.1.2.3", "::ffff:10.1.2.3"));
    CHECK(is_in("10.1.2.3", "::ffff:10.0.0.0/104"));
    CHECK(is_in("::ffff:10.1.2.3", "::/0"));
    CHECK_FALSE(is_in("10.1.2.3", "::/0"));
    CHECK_FALSE(is_in("::1", "0.0.0.0/0"));
    CHECK_FALSE(is_in("::1", "127.0.0.1"));
    CHECK_FALSE(is_in("::10.1.2.3", "10.0.0.0/8"));
}

TEST_CASE("the reason why a text is no network is told") {
    for (const char* bad : {"", "/8", "localhost", "1.2.3/8", "%eth0", "1.2.3.4%eth0", "fe80::1%", "fe80::1%a%b"}) {
        CAPTURE(bad);
        CHECK(IpNetwork::parse(bad).error() == NetworkError::no_address);
    }
    for (const char* bad : {"10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0.0/255.0.255.0", "::/255.0.0.0", "10.0.0.0/-1",
                            "10.0.0.0/8/8"}) {
        CAPTURE(bad);
        CHECK(IpNetwork::parse(bad).error() == NetworkError::bad_prefix);
    }
    CHECK(IpNetwork::parse("10.0.0.1/8").error() == NetworkError::host_bits);
    CHECK(IpNetwork::parse("fe80::1/10").error() == NetworkError::host_bits);
}

}  // namespace
}  // namespace gunicorn
