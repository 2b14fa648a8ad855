#include "config/tls_version.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/text.h"

namespace gunicorn::config {
namespace {

struct Named {
    std::string_view name;  ///< in lower case, a dot for an underscore
    TlsVersion version;
};
constexpr std::array<Named, 11> kNames{{
    {"", TlsVersion::any},
    {"tls", TlsVersion::any},
    {"tls.server", TlsVersion::any},
    {"sslv23", TlsVersion::any},
    {"tlsv1.2", TlsVersion::only_1_2},
    {"tlsv1.3", TlsVersion::only_1_3},
    {"sslv2", TlsVersion::too_old},
    {"sslv3", TlsVersion::too_old},
    {"tlsv1", TlsVersion::too_old},
    {"tlsv1.0", TlsVersion::too_old},
    {"tlsv1.1", TlsVersion::too_old},
}};

struct Numbered {
    std::int64_t number;
    TlsVersion version;
};
/// Python's `ssl`: PROTOCOL_SSLv2 is 0 and PROTOCOL_TLSv1_2 is 5, PROTOCOL_TLS_SERVER is 17; `TLSVersion` has the numbers of
/// the protocol itself (RFC 8446 4.2.1).
constexpr std::array<Numbered, 12> kNumbers{{
    {0, TlsVersion::too_old},
    {1, TlsVersion::too_old},
    {2, TlsVersion::any},
    {3, TlsVersion::too_old},
    {4, TlsVersion::too_old},
    {5, TlsVersion::only_1_2},
    {17, TlsVersion::any},
    {0x300, TlsVersion::too_old},
    {0x301, TlsVersion::too_old},
    {0x302, TlsVersion::too_old},
    {0x303, TlsVersion::only_1_2},
    {0x304, TlsVersion::only_1_3},
}};

TlsVersion version_of_number(std::int64_t number) {
    const auto* const found =
        std::find_if(kNumbers.begin(), kNumbers.end(), [&](const Numbered& one) { return one.number == number; });
    return found == kNumbers.end() ? TlsVersion::unknown : found->version;
}

TlsVersion version_of_name(std::string_view words) {
    std::string name = text::to_lower(text::trim(words));
    std::replace(name.begin(), name.end(), '_', '.');
    std::string_view rest = name;
    for (const std::string_view prefix : {"ssl.", "protocol.", "tlsversion."}) {
        if (rest.starts_with(prefix)) rest.remove_prefix(prefix.size());
    }
    if (const auto number = text::parse_decimal(rest)) return version_of_number(static_cast<std::int64_t>(*number));
    const auto* const found = std::find_if(kNames.begin(), kNames.end(), [&](const Named& one) { return one.name == rest; });
    return found == kNames.end() ? TlsVersion::unknown : found->version;
}

}  // namespace

TlsVersion tls_version_of(const RawValue& value) {
    if (value.is_none()) return TlsVersion::any;
    if (const auto* number = value.get_if<std::int64_t>()) return version_of_number(*number);
    if (const auto* words = value.get_if<std::string>()) return version_of_name(*words);
    return TlsVersion::unknown;
}

}  // namespace gunicorn::config
