#include "config/tls_version.h"

#include <catch2/catch.hpp>

using namespace gunicorn;
using config::List;
using config::RawValue;
using config::tls_version_of;
using config::TlsVersion;

TEST_CASE("a TLS version is read from Python's numbers and names") {
    const struct {
        RawValue value;
        TlsVersion version;
    } cases[] = {
        {RawValue(), TlsVersion::any},
        {2, TlsVersion::any},
        {17, TlsVersion::any},
        {5, TlsVersion::only_1_2},
        {771, TlsVersion::only_1_2},
        {772, TlsVersion::only_1_3},
        {"", TlsVersion::any},
        {"TLS", TlsVersion::any},
        {" SSLv23 ", TlsVersion::any},
        {"TLS_SERVER", TlsVersion::any},
        {"ssl.PROTOCOL_TLS_SERVER", TlsVersion::any},
        {"2", TlsVersion::any},
        {"TLSv1_2", TlsVersion::only_1_2},
        {"tlsv1.2", TlsVersion::only_1_2},
        {"PROTOCOL_TLSv1_2", TlsVersion::only_1_2},
        {"ssl.TLSVersion.TLSv1_2", TlsVersion::only_1_2},
        {"5", TlsVersion::only_1_2},
        {"TLSv1.3", TlsVersion::only_1_3},
        {"TLSVersion.TLSv1_3", TlsVersion::only_1_3},
    };
    for (const auto& [value, version] : cases) {
        CAPTURE(config::repr(value));
        CHECK(tls_version_of(value) == version);
    }
}

TEST_CASE("versions that nobody speaks any more are known as such") {
    for (const RawValue& value :
         {RawValue(0), RawValue(1), RawValue(3), RawValue(4), RawValue(768), RawValue(770), RawValue("3"), RawValue("SSLv2"),
          RawValue("SSLv3"), RawValue("TLSv1"), RawValue("TLSv1.1"), RawValue("PROTOCOL_TLSv1_1")}) {
        CAPTURE(config::repr(value));
        CHECK(tls_version_of(value) == TlsVersion::too_old);
    }
}

TEST_CASE("whatever else is said names no version of TLS") {
    for (const RawValue& value :
         {RawValue(16), RawValue(6), RawValue(-1), RawValue(773), RawValue("best"), RawValue("TLSv1.4"),
          RawValue("18446744073709551615"), RawValue(true), RawValue(1.2), RawValue(List{5})}) {
        CAPTURE(config::repr(value));
        CHECK(tls_version_of(value) == TlsVersion::unknown);
    }
}
