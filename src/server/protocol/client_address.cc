#include "server/protocol/client_address.h"

#include <string>

#include "base/text.h"

namespace gunicorn::server {
namespace {

struct Hop {
    IpAddress address;
    std::string port;  ///< empty: not said
};

std::optional<std::string> parse_port(std::string_view text) {
    const auto number = text::parse_decimal(text);
    if (!number || *number > 65535) return std::nullopt;
    return std::to_string(*number);
}

std::optional<Hop> parse_hop(std::string_view entry) {
    std::string_view host = entry;
    std::optional<std::string> port = "";
    if (entry.starts_with('[')) {
        const std::size_t end = entry.find(']');
        if (end == std::string_view::npos) return std::nullopt;
        host = entry.substr(1, end - 1);
        const std::string_view rest = entry.substr(end + 1);
        if (host.find(':') == std::string_view::npos || (!rest.empty() && rest.front() != ':')) return std::nullopt;
        if (!rest.empty()) port = parse_port(rest.substr(1));
    } else if (const std::size_t colon = entry.find(':');
               colon != std::string_view::npos && colon == entry.rfind(':')) {
        host = entry.substr(0, colon);
        port = parse_port(entry.substr(colon + 1));
    }
    const auto address = IpAddress::parse(host);
    if (!address || !port) return std::nullopt;
    return Hop{*address, *std::move(port)};
}

/// Walks a list from its end; `last` is the hop it came to. False: the walk is over.
bool walk_back(std::string_view list, const TrustedPeers& trusted, std::optional<Hop>& last) {
    for (;;) {
        const std::size_t comma = list.rfind(',');
        const std::string_view entry = text::trim(list.substr(comma == std::string_view::npos ? 0 : comma + 1));
        if (!entry.empty()) {
            auto hop = parse_hop(entry);
            if (!hop) return false;
            last = std::move(hop);
            if (!trusted.names(last->address)) return false;
        }
        if (comma == std::string_view::npos) return true;
        list = list.substr(0, comma);
    }
}

}  // namespace

void apply_proxy_header(const http::ProxyHeader& header, const TrustedPeers& trusted, gateway::ConnectionInfo& info) {
    using Kind = http::ProxyHeader::Kind;
    if (header.kind == Kind::absent) return;
    gateway::ProxiedConnection& proxied = info.proxied.emplace();
    proxied.protocol = header.protocol;
    if (header.kind == Kind::local) return;
    info.client_is_proxy = header.kind == Kind::named && trusted.names(header.source.address);
    if (header.kind == Kind::unnamed) return;
    proxied.client = {header.source.address.to_string(), std::to_string(header.source.port)};
    proxied.server = {header.destination.address.to_string(), std::to_string(header.destination.port)};
}

std::optional<gateway::ClientAddress> forwarded_client(const http::RequestHead& head, std::string_view name,
                                                       const TrustedPeers& trusted) {
    std::optional<Hop> last;
    for (std::size_t i = head.field_count(); i-- > 0;) {
        const auto [field_name, value] = head.field(i);
        if (text::equal_ignoring_case(field_name, name) && !walk_back(value, trusted, last)) break;
    }
    if (!last) return std::nullopt;
    return gateway::ClientAddress{last->address.to_string(), std::move(last->port)};
}

}  // namespace gunicorn::server
