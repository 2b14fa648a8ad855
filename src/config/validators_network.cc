// The validators that read addresses.

#include <arpa/inet.h>

#include <array>
#include <bit>
#include <cstdint>
#include <string>

#include "base/text.h"
#include "config/python_int.h"
#include "config/refusal.h"
#include "config/validators.h"

namespace gunicorn::config::validators {
namespace {

/// An address in network order; 4 or 16 bytes are used.
struct Address {
    std::array<unsigned char, 16> bytes{};
    int bits = 0;  ///< 32 or 128; 0 when the text is no address

    [[nodiscard]] bool has_bits_after(int prefix) const {
        for (int bit = prefix; bit < bits; ++bit) {
            if ((bytes.at(static_cast<std::size_t>(bit / 8)) & (0x80U >> static_cast<unsigned>(bit % 8))) != 0) return true;
        }
        return false;
    }
};

Address parse_ip(std::string_view written) {
    Address address;
    std::string text(written);
    if (::inet_pton(AF_INET, text.c_str(), address.bytes.data()) == 1) {
        address.bits = 32;
        return address;
    }
    const std::size_t zone = text.find('%');  // fe80::1%eth0
    if (zone != std::string::npos) {
        if (zone + 1 == text.size() || text.find('%', zone + 1) != std::string::npos) return {};
        text.resize(zone);
    }
    if (::inet_pton(AF_INET6, text.c_str(), address.bytes.data()) == 1) address.bits = 128;
    return address;
}

/// The prefix length that an IPv4 mask says, a netmask or a host mask; -1 when it is neither.
int prefix_of_mask(const Address& address) {
    std::uint32_t mask = 0;
    for (std::size_t i = 0; i < 4; ++i) mask = mask << 8U | address.bytes.at(i);
    for (const std::uint32_t net : {mask, ~mask}) {
        const int prefix = std::countl_one(net);
        if (prefix == 32 || net << static_cast<unsigned>(prefix) == 0) return prefix;
    }
    return -1;
}

int parse_prefix(std::string_view written, int bits) {
    if (const auto number = text::parse_decimal(written)) {
        return *number <= static_cast<unsigned>(bits) ? static_cast<int>(*number) : -1;
    }
    if (bits != 32) return -1;
    const Address mask = parse_ip(written);
    return mask.bits == 32 ? prefix_of_mask(mask) : -1;
}

/// ipaddress.ip_network(item, strict=True); nothing when it would pass.
std::optional<ValueError> network_problem(const std::string& item) {
    const std::size_t slash = item.find('/');
    const Address address = parse_ip(std::string_view(item).substr(0, slash));
    const auto wrong = [&](const std::string& what) {
        return ValueError{DiagId::not_a_network, "must hold '*', IP addresses or networks: " + excerpt(item) + " " + what};
    };
    if (address.bits == 0) return wrong("is none of these; host names are not resolved");
    if (slash == std::string::npos) return std::nullopt;
    const int prefix = parse_prefix(std::string_view(item).substr(slash + 1), address.bits);
    if (prefix < 0) return wrong("has no valid prefix length");
    if (address.has_bits_after(prefix)) return wrong("has host bits set");
    return std::nullopt;
}

/// "host:port" of util.parse_address; nothing when the port is none.
std::optional<std::string> with_port(std::string_view written, std::string_view default_port) {
    std::string_view host = written;
    std::string_view port = default_port;
    const std::size_t close = written.find(']');
    if (!written.empty() && written.front() == '[' && close != std::string_view::npos) {
        host = written.substr(0, close + 1);
        if (written.substr(close).substr(0, 2) == "]:") port = written.substr(close + 2);
    } else if (written.find(':') != std::string_view::npos) {
        const auto parts = text::split(written, ':');  // what follows a second colon is dropped
        host = parts[0];
        port = parts[1];
    } else if (written.empty()) {
        host = "0.0.0.0";
    }
    const PythonInt number = parse_python_int(port, 10);
    if (number.outcome != IntOutcome::ok || number.value < 0 || number.value > 65535) return std::nullopt;
    return text::to_lower(host) + ":" + std::to_string(number.value);
}

}  // namespace

Validated<Texts> network_list(const RawValue& raw, const ValidationContext& context) {
    GN_TRY(Texts items, comma_list(raw, context));
    for (const std::string& item : items) {
        if (item == "*") continue;
        if (auto problem = network_problem(item)) return Unexpected{*std::move(problem)};
    }
    return items;
}

Validated<std::optional<std::string>> statsd_address(const RawValue& raw, const ValidationContext& context) {
    const std::string rule = "must be 'host:port' or 'unix://PATH'";
    if (raw.is_none()) return std::optional<std::string>();
    const auto* words = raw.get_if<std::string>();
    if (words == nullptr) return refuse(DiagId::not_a_string, rule, raw, context);

    std::string_view written = text::trim(*words);
    // A host called "unix": unix:8125 was one before there were paths (validate_statsd_address).
    const bool is_path = written.starts_with("unix:") && !text::parse_decimal(written.substr(5));
    if (is_path) {
        written.remove_prefix(5);
        if (written.starts_with("//")) written.remove_prefix(2);
        if (written.empty()) return refuse(DiagId::not_an_address, rule, raw, context);
        return std::optional<std::string>("unix://" + std::string(written));
    }
    if (written.starts_with("tcp://")) written.remove_prefix(6);
    auto address = written.starts_with("fd://") ? std::nullopt : with_port(written, "8125");
    if (!address) return refuse(DiagId::not_an_address, rule, raw, context);
    return address;
}

}  // namespace gunicorn::config::validators
