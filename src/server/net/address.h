#pragma once
// Where to listen, as `bind` says it.

#include <sys/socket.h>
#include <sys/un.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ip_address.h"
#include "base/result.h"

namespace gunicorn::server {

enum class AddressKind {
    tcp,          ///< host and port; the host is a name, an IPv4 or an IPv6 address
    unix_socket,  ///< path
    descriptor,   ///< an inherited listening socket: fd
};

struct Address {
    AddressKind kind = AddressKind::tcp;
    std::string host;  ///< lower case, without brackets
    std::uint16_t port = 0;
    std::string path;
    int fd = -1;

    [[nodiscard]] static Address tcp(std::string host, std::uint16_t port) {
        return {AddressKind::tcp, std::move(host), port, {}, -1};
    }
    [[nodiscard]] static Address unix_socket(std::string path) {
        return {AddressKind::unix_socket, {}, 0, std::move(path), -1};
    }
    [[nodiscard]] static Address descriptor(int fd) { return {AddressKind::descriptor, {}, 0, {}, fd}; }

    /// The grammar of Gunicorn's util.parse_address: unix:PATH, unix://PATH, fd://N, [tcp://] then HOST:PORT, HOST, :PORT,
    /// [V6]:PORT, [V6] or nothing. Without a port 8000, without a host 0.0.0.0. What Gunicorn would misread is refused: more
    /// ":" parts, an empty port, a path without "unix:".
    static Result<Address> parse(std::string_view text);

    [[nodiscard]] bool is_ipv6() const noexcept { return kind == AddressKind::tcp && host.find(':') != std::string::npos; }
    bool operator==(const Address&) const = default;
};

enum class Scheme { http, https };

/// As Gunicorn's log has it: "http://127.0.0.1:8000", "http://[::1]:8000", "unix:/run/app.sock", "fd://3".
[[nodiscard]] std::string to_string(const Address& address, Scheme scheme = Scheme::http);

/// As Python prints the address Gunicorn holds: "('127.0.0.1', 8000)", "/run/app.sock", "3". For its "Connection in use:
/// ..." lines.
[[nodiscard]] std::string to_python(const Address& address);

/// An address that bind() and connect() take.
struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t length = 0;

    [[nodiscard]] int family() const noexcept { return storage.ss_family; }
    [[nodiscard]] const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }
    [[nodiscard]] sockaddr* get() noexcept { return reinterpret_cast<sockaddr*>(&storage); }
};

/// The address of a socket or peer of TCP; nothing for any other family.
[[nodiscard]] std::optional<IpAddress> ip_address_of(const sockaddr* address) noexcept;

/// The first address of a host name, an IPv4 one if there is any; `address` is no descriptor. **Blocks** for a name that is
/// not in /etc/hosts: some seconds at most (DNS time-outs are shortened for the call).
Result<SocketAddress> resolve(const Address& address);

/// Whether the kernel's `local` is what `wanted` asks for: the same path, or port of the same address; port 0 asks for any.
/// **Blocks** as resolve() does.
[[nodiscard]] bool is_same_place(const Address& wanted, const Address& local);

/// The other way round; numeric. A unix socket without a name has an empty path.
[[nodiscard]] Address address_of(const SocketAddress& address);

}  // namespace gunicorn::server
