#pragma once
// IPv4 and IPv6 addresses and networks as values. Pure: nothing is looked up.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gunicorn {

class IpAddress {
public:
    /// "1.2.3.4" or "::1" as inet_pton(3) reads them, and nothing else: no zone, no brackets, no leading zeros.
    static std::optional<IpAddress> parse(std::string_view text);
    /// In network order.
    static IpAddress from_v4(const std::uint8_t* four_bytes) noexcept;
    static IpAddress from_v6(const std::uint8_t* sixteen_bytes) noexcept;

    [[nodiscard]] bool is_v4() const noexcept { return is_v4_; }
    /// In network order; an IPv4 address as the IPv6 one that stands for it (::ffff:1.2.3.4).
    [[nodiscard]] const std::array<std::uint8_t, 16>& bytes() const noexcept { return bytes_; }
    /// The IPv4 address that an IPv6 one stands for (::ffff:1.2.3.4); any other as it is.
    [[nodiscard]] IpAddress unmapped() const noexcept;
    /// Whether the first `bits` of both are the same; `bits` count from the front of bytes(), 128 at most.
    [[nodiscard]] bool has_same_prefix(const IpAddress& other, unsigned bits) const noexcept;
    /// As inet_ntop(3) writes it.
    [[nodiscard]] std::string to_string() const;

    bool operator==(const IpAddress&) const = default;

private:
    std::array<std::uint8_t, 16> bytes_{};
    bool is_v4_ = false;
};

/// Why a text is no network.
enum class NetworkError {
    no_address,  ///< no IPv4 or IPv6 address; names are not resolved
    bad_prefix,  ///< neither a prefix length nor an IPv4 mask behind the "/"
    host_bits,   ///< the address has bits behind the prefix
};

/// An address, or all addresses with one prefix.
class IpNetwork {
public:
    /// What Python's ipaddress.ip_network(text, strict=True) accepts: ADDRESS, ADDRESS/PREFIX, an IPv4 netmask or host
    /// mask instead of the prefix. The zone of an IPv6 address is not heard, as there.
    static Result<IpNetwork, NetworkError> parse(std::string_view text);

    /// An IPv4 client of an IPv6 socket (::ffff:1.2.3.4) is in the IPv4 networks of its address as well. A real IPv4
    /// address is in no wider IPv6 network: ::/0 is everybody of IPv6.
    [[nodiscard]] bool contains(const IpAddress& address) const noexcept;

private:
    IpAddress address_;
    unsigned prefix_ = 0;  // bits of the 16 bytes
};

}  // namespace gunicorn
