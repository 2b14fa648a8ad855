// The validators that read addresses.

#include <string>

#include "base/ip_address.h"
#include "base/text.h"
#include "config/python_int.h"
#include "config/refusal.h"
#include "config/validators.h"

namespace gunicorn::config::validators {
namespace {

/// ipaddress.ip_network(item, strict=True); nothing when it would pass.
std::optional<ValueError> network_problem(const std::string& item) {
    const auto network = IpNetwork::parse(item);
    if (network) return std::nullopt;
    const char* what = "";
    switch (network.error()) {
        case NetworkError::no_address: what = " is none of these; host names are not resolved"; break;
        case NetworkError::bad_prefix: what = " has no valid prefix length"; break;
        case NetworkError::host_bits: what = " has host bits set"; break;
    }
    return ValueError{DiagId::not_a_network, "must hold '*', IP addresses or networks: " + excerpt(item) + what};
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
