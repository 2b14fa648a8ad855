#include "http/proxy_protocol.h"

#include <string>

#include "support/grind.h"

namespace gunicorn::test {
namespace {

using http::ProxyError;
using http::ProxyHeader;
using http::ProxyMode;
using Kind = ProxyHeader::Kind;

const std::string kSignature("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr char kRest[] = "GET / HTTP/1.1\r\n";

std::string bytes_of(std::initializer_list<int> numbers) {
    std::string bytes;
    for (const int number : numbers) bytes += static_cast<char>(number);
    return bytes;
}

/// A v2 header with this version and command, family and transport, and block.
std::string v2(int command, int family, const std::string& block) {
    return kSignature +
           bytes_of({command, family, static_cast<int>(block.size() >> 8U), static_cast<int>(block.size() & 0xffU)}) +
           block;
}

std::string tlv(int type, const std::string& value) {
    return bytes_of({type, static_cast<int>(value.size() >> 8U), static_cast<int>(value.size() & 0xffU)}) + value;
}

// 1.2.3.4:1000 to 5.6.7.8:80
const std::string kAddresses4 = bytes_of({1, 2, 3, 4, 5, 6, 7, 8, 3, 0xe8, 0, 80});
const std::string kAddresses6 = bytes_of({0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}) +
                                bytes_of({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0xff, 1, 0xbb});

struct Outcome {
    ProxyHeader header;
    std::string rest;  ///< what the next reader gets, bytes that were held back included
    std::string error;
    bool complete = false;
};

Outcome read(const Pieces& pieces, ProxyMode mode) {
    Outcome outcome;
    http::ProxyProtocolParser parser(mode);
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        if (outcome.complete) {
            outcome.rest += pieces[i];
            continue;
        }
        const auto fed = parser.feed(pieces[i], outcome.header);
        if (!fed) {
            CHECK(parser.is_header());
            CHECK(parser.feed("PROXY UNKNOWN\r\n", outcome.header).error() == fed.error());
            outcome.error = http::text_of(fed.error());
            CHECK_FALSE(outcome.error.empty());
            return outcome;
        }
        CHECK((fed->complete || fed->consumed == pieces[i].size()));
        outcome.complete = fed->complete;
        if (fed->complete) {
            outcome.rest += parser.held_back();
            CHECK(parser.feed(kRest, outcome.header)->complete);
        }
        outcome.rest += pieces[i].substr(fed->consumed);
    }
    return outcome;
}

void expect_header(const std::string& bytes, const ProxyHeader& header, ProxyMode mode = ProxyMode::any) {
    CAPTURE(bytes);
    grind(bytes + kRest, [&](const Pieces& pieces) {
        const Outcome outcome = read(pieces, mode);
        CHECK(outcome.error.empty());
        CHECK(outcome.complete);
        CHECK(outcome.header == header);
        CHECK(outcome.rest == kRest);
    });
}

void expect_absent(const std::string& bytes, ProxyMode mode = ProxyMode::any) {
    CAPTURE(bytes);
    grind(bytes, [&](const Pieces& pieces) {
        const Outcome outcome = read(pieces, mode);
        CHECK(outcome.complete);
        CHECK(outcome.header == ProxyHeader{});
        CHECK(outcome.rest == bytes);
    });
}

void expect_error(const std::string& bytes, ProxyError error) {
    CAPTURE(bytes);
    grind(bytes, [&](const Pieces& pieces) { CHECK(read(pieces, ProxyMode::any).error == http::text_of(error)); });
}

ProxyHeader named(const char* protocol, const char* source, int source_port, const char* destination,
                  int destination_port) {
    return {.kind = Kind::named,
            .protocol = protocol,
            .source = {*IpAddress::parse(source), static_cast<std::uint16_t>(source_port)},
            .destination = {*IpAddress::parse(destination), static_cast<std::uint16_t>(destination_port)}};
}

ProxyHeader nobody(Kind kind, const char* protocol) {
    return {.kind = kind, .protocol = protocol, .source = {}, .destination = {}};
}

}  // namespace

TEST_CASE("a v1 line names the client and where it connected to") {
    expect_header("PROXY TCP4 1.2.3.4 5.6.7.8 1000 80\r\n", named("TCP4", "1.2.3.4", 1000, "5.6.7.8", 80));
    expect_header("PROXY TCP4 1.2.3.4 5.6.7.8 0 65535\r\n", named("TCP4", "1.2.3.4", 0, "5.6.7.8", 65535),
                  ProxyMode::v1);
    expect_header("PROXY TCP6 2001:db8::1 ::1 65535 443\r\n", named("TCP6", "2001:db8::1", 65535, "::1", 443));
    expect_header(
        "PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
        named("TCP6", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 65535, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
              65535));
}

TEST_CASE("a v1 line of UNKNOWN names nobody, whatever stands behind it") {
    const ProxyHeader unknown = nobody(Kind::unnamed, "UNKNOWN");
    expect_header("PROXY UNKNOWN\r\n", unknown);
    expect_header("PROXY UNKNOWN 1.2.3.4 5.6.7.8 1000 80\r\n", unknown);
    expect_header("PROXY UNKNOWN ffff:: junk \x01\x80\r\n", unknown);
    expect_header("PROXY UNKNOWN" + std::string(92, ' ') + "\r\n", unknown);
}

TEST_CASE("a v1 line that is not exactly one is refused") {
    for (const char* bad :
         {"PROXY \r\n", "PROXY TCP4\r\n", "PROXY TCP5 1.2.3.4 5.6.7.8 1 2\r\n", "PROXY tcp4 1.2.3.4 5.6.7.8 1 2\r\n",
          "PROXY UNKNOWNS\r\n", "PROXY  TCP4 1.2.3.4 5.6.7.8 1 2\r\n", "PROXY TCP4 1.2.3.4 5.6.7.8 1 2 \r\n",
          "PROXY TCP4 1.2.3.4  5.6.7.8 1 2\r\n", "PROXY TCP4 1.2.3.4 5.6.7.8 1\r\n", "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\n",
          "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\rX", "PROXY UNKNOWN\n", "PROXY UNKNOWN\r\r\n", "PROXY / HTTP/1.1\r\n"}) {
        expect_error(bad, ProxyError::bad_line);
    }
    for (const char* bad :
         {"PROXY TCP4 ::1 ::1 1 2\r\n", "PROXY TCP6 1.2.3.4 5.6.7.8 1 2\r\n", "PROXY TCP4 1.2.3 5.6.7.8 1 2\r\n",
          "PROXY TCP4 01.2.3.4 5.6.7.8 1 2\r\n", "PROXY TCP4 host 5.6.7.8 1 2\r\n", "PROXY TCP6 [::1] ::1 1 2\r\n",
          "PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n", "PROXY TCP4 1.2.3.4\t5.6.7.8 5.6.7.8 1 2\r\n"}) {
        expect_error(bad, ProxyError::bad_address);
    }
    expect_error(std::string("PROXY TCP4 1.2.3.4\0 5.6.7.8 1 2\r\n", 33), ProxyError::bad_address);
    for (const char* bad : {"PROXY TCP4 1.2.3.4 5.6.7.8 65536 2\r\n", "PROXY TCP4 1.2.3.4 5.6.7.8 1 -2\r\n",
                            "PROXY TCP4 1.2.3.4 5.6.7.8 +1 2\r\n", "PROXY TCP4 1.2.3.4 5.6.7.8 01 2\r\n",
                            "PROXY TCP4 1.2.3.4 5.6.7.8 1 \r\n", "PROXY TCP4 1.2.3.4 5.6.7.8 1 0x2\r\n",
                            "PROXY TCP4 1.2.3.4 5.6.7.8 18446744073709551617 2\r\n"}) {
        expect_error(bad, ProxyError::bad_port);
    }
}

TEST_CASE("a v1 line ends within 107 bytes") {
    expect_header("PROXY UNKNOWN " + std::string(91, 'x') + "\r\n", nobody(Kind::unnamed, "UNKNOWN"));
    expect_error("PROXY UNKNOWN " + std::string(92, 'x') + "\r\n", ProxyError::line_too_long);
    expect_error("PROXY TCP4 " + std::string(5000, '1'), ProxyError::line_too_long);
}

TEST_CASE("a v2 header names the client and where it connected to") {
    expect_header(v2(0x21, 0x11, kAddresses4), named("TCP4", "1.2.3.4", 1000, "5.6.7.8", 80));
    expect_header(v2(0x21, 0x21, kAddresses6), named("TCP6", "2001:db8::1", 65535, "::1", 443), ProxyMode::v2);
}

TEST_CASE("extensions of a v2 header are skipped when they end where it does") {
    const ProxyHeader client = named("TCP4", "1.2.3.4", 1000, "5.6.7.8", 80);
    expect_header(v2(0x21, 0x11, kAddresses4 + tlv(4, "")), client);
    expect_header(v2(0x21, 0x11, kAddresses4 + tlv(1, "h2") + tlv(3, "\1\2\3\4") + tlv(0xea, std::string(300, 'x'))),
                  client);
    expect_error(v2(0x21, 0x11, kAddresses4 + "\1"), ProxyError::bad_tlv);
    expect_error(v2(0x21, 0x11, kAddresses4 + bytes_of({1, 0})), ProxyError::bad_tlv);
    expect_error(v2(0x21, 0x11, kAddresses4 + bytes_of({1, 0, 1})), ProxyError::bad_tlv);
    expect_error(v2(0x21, 0x11, kAddresses4 + bytes_of({1, 0xff, 0xff, 0})), ProxyError::bad_tlv);
    expect_error(v2(0x21, 0x11, kAddresses4 + tlv(1, "h2") + "x"), ProxyError::bad_tlv);
}

TEST_CASE("LOCAL and what names no TCP connection are accepted, and their addresses not looked at") {
    const ProxyHeader local = nobody(Kind::local, "LOCAL");
    expect_header(v2(0x20, 0x00, ""), local);
    expect_header(v2(0x20, 0x11, kAddresses4), local);
    expect_header(v2(0x20, 0xff, "anything"), local);
    const ProxyHeader unspecified = nobody(Kind::unnamed, "UNSPEC");
    expect_header(v2(0x21, 0x00, ""), unspecified);
    expect_header(v2(0x21, 0x00, "junk that is no TLV"), unspecified);
    expect_header(v2(0x21, 0x12, kAddresses4), unspecified);
    expect_header(v2(0x21, 0x22, ""), unspecified);
    expect_header(v2(0x21, 0x31, std::string(216, '/')), unspecified);
    expect_header(v2(0x21, 0x32, std::string(216, '\0') + tlv(1, "x")), unspecified);
}

TEST_CASE("a v2 header that is not exactly one is refused") {
    expect_error(v2(0x11, 0x11, kAddresses4), ProxyError::bad_version);
    expect_error(v2(0x31, 0x11, kAddresses4), ProxyError::bad_version);
    expect_error(v2(0x22, 0x11, kAddresses4), ProxyError::bad_command);
    expect_error(v2(0x21, 0x41, kAddresses4), ProxyError::bad_family);
    expect_error(v2(0x21, 0x13, kAddresses4), ProxyError::bad_family);
    expect_error(v2(0x21, 0x11, ""), ProxyError::too_short);
    expect_error(v2(0x21, 0x11, kAddresses4.substr(1)), ProxyError::too_short);
    expect_error(v2(0x21, 0x21, kAddresses4), ProxyError::too_short);
    expect_error(kSignature + bytes_of({0x21, 0x11, 0x40, 0x01}), ProxyError::too_long);
    expect_error(kSignature + bytes_of({0x20, 0x00, 0xff, 0xff}), ProxyError::too_long);
}

TEST_CASE("the longest v2 header that is allowed is read") {
    const std::string value(http::kMostProxyBlock - kAddresses4.size() - 3, 'x');
    const std::string bytes = v2(0x21, 0x11, kAddresses4 + tlv(0xea, value)) + kRest;
    Pieces pieces;
    pieces.add(bytes.substr(0, 100));
    pieces.add(bytes.substr(100));
    const Outcome outcome = read(pieces, ProxyMode::any);
    CHECK(outcome.header == named("TCP4", "1.2.3.4", 1000, "5.6.7.8", 80));
    CHECK(outcome.rest == kRest);
}

TEST_CASE("a header that is cut is never complete") {
    for (const std::string& whole : {std::string("PROXY TCP4 1.2.3.4 5.6.7.8 1000 80\r\n"),
                                     v2(0x21, 0x11, kAddresses4 + tlv(1, "h2")), v2(0x20, 0, "xx")}) {
        for (std::size_t size = 0; size < whole.size(); ++size) {
            Pieces pieces;
            pieces.add(whole.substr(0, size));
            const Outcome outcome = read(pieces, ProxyMode::any);
            CHECK_FALSE(outcome.complete);
            CHECK(outcome.error.empty());
        }
    }
}

TEST_CASE("what is no header is left to the next reader whole") {
    for (const char* other : {"GET / HTTP/1.1\r\n", "PUT / HTTP/1.1\r\n", "PROXYGET / HTTP/1.1\r\n", "PROPFIND /",
                              "proxy TCP4 ", "\r\nGET /", "\r\n\r\nGET /", "\n", "\x16\x03\x01"}) {
        expect_absent(other);
    }
    expect_absent(std::string("\r\n\r\n\0\r\nQUIX\n", 12));
    expect_absent(v2(0x21, 0x11, kAddresses4), ProxyMode::v1);
    expect_absent("PROXY TCP4 1.2.3.4 5.6.7.8 1000 80\r\n", ProxyMode::v2);
}

TEST_CASE("a parser is as new after reset") {
    http::ProxyProtocolParser parser(ProxyMode::v1);
    ProxyHeader header;
    CHECK_FALSE(parser.has_started());
    CHECK_FALSE(parser.feed("PROXY X\n", header));
    parser.reset();
    CHECK_FALSE(parser.is_header());
    CHECK(parser.feed("PROXY UNKNOWN\r\n", header)->complete);
    CHECK(parser.feed(v2(0x20, 0, ""), header)->consumed == 0);
}

}  // namespace gunicorn::test
