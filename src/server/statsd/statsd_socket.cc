#include "server/statsd/statsd_socket.h"

#include <sys/socket.h>

#include <cerrno>

#include "base/sys.h"
#include "base/text.h"

namespace gunicorn::server {

// Not Address::parse: "unix:8125" is a host here, and the default port another one.
Address statsd_address(std::string_view text) {
    constexpr std::string_view kPath = "unix://";
    if (text.starts_with(kPath)) {
        return Address::unix_socket(sys::absolute_path(std::string(text.substr(kPath.size())), sys::working_directory()));
    }
    const std::size_t colon = text.rfind(':');
    std::string_view host = text.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    if (host.empty()) host = "0.0.0.0";  // this host, to Python's connect() as well
    const auto port = text::parse_decimal(text.substr(colon + 1)).value_or(0);
    return Address::tcp(std::string(host), static_cast<std::uint16_t>(port));
}

Result<StatsdSocket> StatsdSocket::open(const Address& address) {
    GN_TRY(const SocketAddress resolved, resolve(address));
    UniqueFd socket(::socket(resolved.family(), SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket) return Unexpected{sys::system_error("socket")};
    return StatsdSocket(std::move(socket), resolved);
}

void StatsdSocket::send(std::string_view datagram) noexcept {
    ssize_t sent = -1;
    do {
        sent = ::sendto(socket_.get(), datagram.data(), datagram.size(), MSG_NOSIGNAL, address_.get(), address_.length);
    } while (sent < 0 && errno == EINTR);
    if (sent >= 0) return;
    last_error_.store(errno, std::memory_order_relaxed);
    lost_.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace gunicorn::server
