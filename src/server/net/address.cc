#include "server/net/address.h"

#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "base/assert.h"
#include "base/scope_exit.h"
#include "base/sys.h"
#include "base/text.h"

namespace gunicorn::server {
namespace {

constexpr std::string_view kDefaultPort = "8000";

Unexpected<Error> refuse(std::string message) { return failure(ErrorKind::invalid_argument, std::move(message)); }

/// Python's int() for what can be a port: decimal digits, white space around them.
Result<std::uint16_t> parse_port(std::string_view text) {
    const std::optional<std::uint64_t> number = text::parse_decimal(text::trim(text));
    if (!number || *number > 65535) return refuse(fmt::format("{} is not a valid port number.", text::repr(text)));
    return static_cast<std::uint16_t>(*number);
}

Result<Address> parse_unix(std::string_view path) {
    if (path.substr(0, 2) == "//") path.remove_prefix(2);
    if (path.empty()) return refuse("unix: is followed by no path");
    if (path.find('\0') != std::string_view::npos) return refuse("the path of a unix socket has no NUL");
    constexpr std::size_t limit = sizeof(sockaddr_un::sun_path) - 1;
    if (path.size() > limit) {
        return refuse(fmt::format("unix:{}: the path has {} bytes, a unix socket's at most {}", path, path.size(), limit));
    }
    return Address::unix_socket(std::string(path));
}

Result<Address> parse_descriptor(std::string_view number) {
    const std::optional<std::uint64_t> fd = text::parse_decimal(number);
    if (!fd || *fd > 0x7fffffff) return refuse(fmt::format("fd://{}: not a descriptor number", number));
    return Address::descriptor(static_cast<int>(*fd));
}

/// "[V6]" or "[V6]:PORT"
Result<Address> parse_bracketed(std::string_view netloc) {
    const std::size_t end = netloc.find(']');
    if (end == std::string_view::npos) return refuse(fmt::format("{}: the \"[\" is not closed", netloc));
    const std::string_view host = netloc.substr(1, end - 1);
    const std::string_view rest = netloc.substr(end + 1);
    if (host.find(':') == std::string_view::npos) {
        return refuse(fmt::format("{}: only an IPv6 address stands in brackets", netloc));
    }
    if (!rest.empty() && rest.front() != ':')
        return refuse(fmt::format("{}: after \"]\" only \":PORT\" can follow", netloc));
    GN_TRY(const std::uint16_t port, parse_port(rest.empty() ? kDefaultPort : rest.substr(1)));
    return Address::tcp(text::to_lower(host), port);
}

struct FreeAddresses {
    void operator()(addrinfo* list) const noexcept { ::freeaddrinfo(list); }
};

Result<SocketAddress> look_up(const Address& address, int family, int flags) {
    addrinfo hints{};
    hints.ai_family = family;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = flags | AI_PASSIVE | AI_NUMERICSERV;
    const std::string port = fmt::format("{}", address.port);
    addrinfo* list = nullptr;
    const int code = ::getaddrinfo(address.host.c_str(), port.c_str(), &hints, &list);
    const std::unique_ptr<addrinfo, FreeAddresses> owner(list);
    if (code != 0) {
        const std::string reason = code == EAI_SYSTEM ? sys::describe_errno(errno) : ::gai_strerror(code);
        return Unexpected{Error{ErrorKind::not_found, code, fmt::format("{}: {}", to_python(address), reason)}};
    }
    SocketAddress found;
    GN_ASSERT(list->ai_addrlen <= sizeof found.storage, "a sockaddr_storage holds every address");
    std::memcpy(&found.storage, list->ai_addr, list->ai_addrlen);
    found.length = list->ai_addrlen;
    return found;
}

}  // namespace

Result<Address> Address::parse(std::string_view text) {
    if (text.starts_with("unix:")) return parse_unix(text.substr(5));
    if (text.starts_with("fd://")) return parse_descriptor(text.substr(5));
    std::string_view netloc = text;
    if (netloc.starts_with("tcp://")) netloc.remove_prefix(6);
    if (netloc.find('/') != std::string_view::npos) {
        return refuse(netloc == text && netloc.find("://") == std::string_view::npos
                          ? fmt::format("{} is a path, not an address; did you mean unix:{}?", text::repr(text), text)
                          : fmt::format("{} is not an address: unix:PATH, fd://N or HOST:PORT", text::repr(text)));
    }
    if (netloc.starts_with('[')) return parse_bracketed(netloc);
    const std::vector<std::string_view> parts = text::split(netloc, ':');
    if (parts.size() > 2) {
        // "::1" and "::1:8000" alike: brackets say which ":" begins the port.
        return refuse(
            fmt::format("{} has more than one \":\"; an IPv6 address is written [ADDRESS]:PORT", text::repr(text)));
    }
    for (const char c : parts[0]) {
        if (c <= ' ' || c == 0x7f) return refuse(fmt::format("{} is not a host name", text::repr(parts[0])));
    }
    GN_TRY(const std::uint16_t port, parse_port(parts.size() == 2 ? parts[1] : kDefaultPort));
    return Address::tcp(parts[0].empty() ? "0.0.0.0" : text::to_lower(parts[0]), port);
}

std::string to_string(const Address& address, Scheme scheme) {
    switch (address.kind) {
        case AddressKind::unix_socket: return "unix:" + address.path;
        case AddressKind::descriptor: return fmt::format("fd://{}", address.fd);
        case AddressKind::tcp: break;
    }
    const char* name = scheme == Scheme::https ? "https" : "http";
    if (address.is_ipv6()) return fmt::format("{}://[{}]:{}", name, address.host, address.port);
    return fmt::format("{}://{}:{}", name, address.host, address.port);
}

std::string to_python(const Address& address) {
    switch (address.kind) {
        case AddressKind::unix_socket: return address.path;
        case AddressKind::descriptor: return fmt::format("{}", address.fd);
        case AddressKind::tcp: break;
    }
    return fmt::format("({}, {})", text::repr(address.host), address.port);
}

std::optional<IpAddress> ip_address_of(const sockaddr* address) noexcept {
    if (address->sa_family == AF_INET) {
        const in_addr& number = reinterpret_cast<const sockaddr_in*>(address)->sin_addr;
        return IpAddress::from_v4(reinterpret_cast<const std::uint8_t*>(&number));
    }
    if (address->sa_family == AF_INET6)
        return IpAddress::from_v6(reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr.s6_addr);
    return std::nullopt;
}

Result<SocketAddress> resolve(const Address& address) {
    GN_ASSERT(address.kind != AddressKind::descriptor, "a descriptor needs no address");
    if (address.kind == AddressKind::unix_socket) {
        SocketAddress found;
        auto* unix_address = reinterpret_cast<sockaddr_un*>(&found.storage);
        if (address.path.size() >= sizeof unix_address->sun_path) {
            return Unexpected{sys::system_error(to_string(address), ENAMETOOLONG)};
        }
        unix_address->sun_family = AF_UNIX;
        std::memcpy(unix_address->sun_path, address.path.c_str(), address.path.size() + 1);
        found.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.path.size() + 1);
        return found;
    }
    if (auto numeric = look_up(address, AF_UNSPEC, AI_NUMERICHOST); numeric) return numeric;
    // getaddrinfo takes no deadline; the resolver of this thread does.
    if (::res_init() != 0) return Unexpected{sys::system_error("res_init")};
    const int retrans = std::exchange(_res.retrans, 2);
    const int retry = std::exchange(_res.retry, 1);
    const ScopeExit restore([&] { _res.retrans = retrans, _res.retry = retry; });
    // A name means IPv4 to Gunicorn (sock.create_sockets), also where "localhost" is ::1 first.
    if (auto found = look_up(address, AF_INET, 0); found) return found;
    return look_up(address, AF_UNSPEC, 0);
}

bool is_same_place(const Address& wanted, const Address& local) {
    if (wanted.kind != local.kind) return false;
    if (wanted.kind == AddressKind::unix_socket) return wanted.path == local.path;
    if (wanted.port != 0 && wanted.port != local.port) return false;
    const auto resolved = resolve(wanted);
    return resolved && address_of(*resolved).host == local.host;
}

Address address_of(const SocketAddress& address) {
    if (address.family() == AF_UNIX) {
        const auto* unix_address = reinterpret_cast<const sockaddr_un*>(&address.storage);
        const std::size_t offset = offsetof(sockaddr_un, sun_path);
        const std::size_t room = address.length > offset ? address.length - offset : 0;
        return Address::unix_socket(std::string(unix_address->sun_path, ::strnlen(unix_address->sun_path, room)));
    }
    char host[NI_MAXHOST];
    char port[NI_MAXSERV];
    const int code =
        ::getnameinfo(address.get(), address.length, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV);
    GN_ASSERT(code == 0, "the kernel's addresses have a numeric form");
    return Address::tcp(host, static_cast<std::uint16_t>(text::parse_decimal(port).value_or(0)));
}

}  // namespace gunicorn::server
