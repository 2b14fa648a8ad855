#include "base/ip_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <bit>

#include "base/text.h"

namespace gunicorn {
namespace {

constexpr unsigned kBits = 128;
constexpr unsigned kMappedBits = 96;  // of ::ffff:0:0/96, where IPv4 lives in IPv6
constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool has_bits_behind(const std::array<std::uint8_t, 16>& bytes, unsigned prefix) {
    for (unsigned bit = prefix; bit < kBits; ++bit) {
        if ((bytes.at(bit / 8) & (0x80U >> bit % 8)) != 0) return true;
    }
    return false;
}

/// The prefix length that an IPv4 mask says, a netmask or a host mask.
std::optional<unsigned> prefix_of_mask(const IpAddress& address) {
    std::uint32_t mask = 0;
    for (std::size_t i = 12; i < 16; ++i) mask = mask << 8U | address.bytes().at(i);
    for (const std::uint32_t net : {mask, ~mask}) {
        const auto prefix = static_cast<unsigned>(std::countl_one(net));
        if (prefix == 32 || net << prefix == 0) return prefix;
    }
    return std::nullopt;
}

std::optional<unsigned> parse_prefix(std::string_view text, bool is_v4) {
    const unsigned most = is_v4 ? 32 : kBits;
    if (const auto number = text::parse_decimal(text)) {
        return *number <= most ? std::optional(static_cast<unsigned>(*number)) : std::nullopt;
    }
    const auto mask = is_v4 ? IpAddress::parse(text) : std::nullopt;
    return mask && mask->is_v4() ? prefix_of_mask(*mask) : std::nullopt;
}

/// fe80::1%eth0 without its zone; a text that has no zone, or more than one "%", as it is.
std::string_view without_zone(std::string_view text) {
    const std::size_t zone = text.find('%');
    const bool is_one = zone != std::string_view::npos && zone + 1 < text.size() &&
                        text.find('%', zone + 1) == std::string_view::npos &&
                        text.substr(0, zone).find(':') != std::string_view::npos;
    return is_one ? text.substr(0, zone) : text;
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    char terminated[INET6_ADDRSTRLEN];
    if (text.size() >= sizeof terminated || text.find('\0') != std::string_view::npos) return std::nullopt;
    *std::copy(text.begin(), text.end(), terminated) = '\0';
    std::uint8_t bytes[16];
    if (::inet_pton(AF_INET, terminated, bytes) == 1) return from_v4(bytes);
    if (::inet_pton(AF_INET6, terminated, bytes) == 1) return from_v6(bytes);
    return std::nullopt;
}

IpAddress IpAddress::from_v4(const std::uint8_t* four_bytes) noexcept {
    IpAddress address;
    std::copy(kMapped.begin(), kMapped.end(), address.bytes_.begin());
    std::copy_n(four_bytes, 4, address.bytes_.begin() + kMapped.size());
    address.is_v4_ = true;
    return address;
}

IpAddress IpAddress::from_v6(const std::uint8_t* sixteen_bytes) noexcept {
    IpAddress address;
    std::copy_n(sixteen_bytes, 16, address.bytes_.begin());
    return address;
}

IpAddress IpAddress::unmapped() const noexcept {
    const bool is_mapped = std::equal(kMapped.begin(), kMapped.end(), bytes_.begin());
    return is_mapped ? from_v4(bytes_.data() + kMapped.size()) : *this;
}

bool IpAddress::has_same_prefix(const IpAddress& other, unsigned bits) const noexcept {
    if (!std::equal(bytes_.begin(), bytes_.begin() + bits / 8, other.bytes_.begin())) return false;
    if (bits % 8 == 0) return true;
    const auto mask = static_cast<std::uint8_t>(0xff << (8 - bits % 8));
    return ((bytes_.at(bits / 8) ^ other.bytes_.at(bits / 8)) & mask) == 0;
}

std::string IpAddress::to_string() const {
    char text[INET6_ADDRSTRLEN];
    const std::uint8_t* bytes = bytes_.data() + (is_v4_ ? kMapped.size() : 0);
    return ::inet_ntop(is_v4_ ? AF_INET : AF_INET6, bytes, text, sizeof text);
}

Result<IpNetwork, NetworkError> IpNetwork::parse(std::string_view text) {
    const std::size_t slash = text.find('/');
    const auto address = IpAddress::parse(without_zone(text.substr(0, slash)));
    if (!address) return Unexpected{NetworkError::no_address};
    IpNetwork network;
    network.address_ = *address;
    network.prefix_ = kBits;
    if (slash == std::string_view::npos) return network;
    const auto prefix = parse_prefix(text.substr(slash + 1), address->is_v4());
    if (!prefix) return Unexpected{NetworkError::bad_prefix};
    network.prefix_ = *prefix + (address->is_v4() ? kMappedBits : 0);
    if (has_bits_behind(address->bytes(), network.prefix_)) return Unexpected{NetworkError::host_bits};
    return network;
}

bool IpNetwork::contains(const IpAddress& address) const noexcept {
    if (address.is_v4() && prefix_ < kMappedBits) return false;
    return address_.has_same_prefix(address, prefix_);
}

}  // namespace gunicorn
