#include "load/channel.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <sys/socket.h>

#include <cerrno>

namespace gunicorn::bench {
namespace {

sockaddr_in loopback(std::uint32_t host, std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + host);
    return address;
}

const sockaddr* generic(const sockaddr_in& address) { return reinterpret_cast<const sockaddr*>(&address); }

}  // namespace

bool Channel::open(std::uint16_t port, std::uint32_t host, const TlsClient* tls, bool resume) {
    fd_ = UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int yes = 1;
    ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    ::setsockopt(fd_.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
    const sockaddr_in from = loopback(host, 0);
    const sockaddr_in to = loopback(0, port);
    if (::bind(fd_.get(), generic(from), sizeof from) != 0) return false;
    if (::connect(fd_.get(), generic(to), sizeof to) != 0 && errno != EINPROGRESS) return false;
    if (tls != nullptr) tls_ = tls->connect(fd_.get(), resume ? &session_ : nullptr);
    return true;
}

void Channel::close() {
    if (tls_ && SSL_is_init_finished(tls_.get())) {
        SSL_shutdown(tls_.get());  // without it OpenSSL would take the session for a bad one
        ERR_clear_error();
    }
    tls_.reset();
    fd_.reset();
}

ssize_t Channel::send(std::string_view bytes) {
    if (tls_) return result(SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size())));
    return ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

ssize_t Channel::receive(std::span<char> buffer) {
    if (tls_) return result(SSL_read(tls_.get(), buffer.data(), static_cast<int>(buffer.size())));
    return ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
}

/// What OpenSSL answered, as the system would say it.
ssize_t Channel::result(int count) {
    if (count > 0) return count;
    const int error = SSL_get_error(tls_.get(), count);
    ERR_clear_error();
    errno = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? EAGAIN : EPIPE;
    return -1;
}

}  // namespace gunicorn::bench
