#include "server/net/socket_stream.h"

#include <fcntl.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#include <cerrno>

#include "base/sys.h"
#include "server/net/relay.h"

namespace gunicorn::server {
namespace {

constexpr int kSendFlags = MSG_NOSIGNAL | MSG_DONTWAIT;  // a shared socket may be in blocking mode

IoResult answer_of(ssize_t count) {
    if (count > 0) return {IoStatus::ok, static_cast<std::size_t>(count)};
    if (count == 0) return {IoStatus::closed, 0};
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {IoStatus::would_block, 0};
    return {IoStatus::closed, 0};
}

}  // namespace

IoResult SocketStream::read_some(char* buffer, std::size_t size) {
    return answer_of(::recv(fd(), buffer, size, MSG_DONTWAIT));
}

void SocketStream::start_read(char* buffer, std::size_t size) {
    ++waiting_;
    socket().async_read_some(asio::buffer(buffer, size), [this](std::error_code error, std::size_t count) {
        --waiting_;
        client_.on_read(error ? IoResult{IoStatus::closed, 0} : IoResult{IoStatus::ok, count});
    });
}

IoResult SocketStream::write_some(std::span<const iovec> parts) {
    if (parts.size() == 1) return answer_of(::send(fd(), parts[0].iov_base, parts[0].iov_len, kSendFlags));
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(parts.data());
    message.msg_iovlen = parts.size();
    return answer_of(::sendmsg(fd(), &message, kSendFlags));
}

IoResult SocketStream::send_file(int file, std::uint64_t offset, std::size_t size) {
    auto position = static_cast<off_t>(offset);
    const ssize_t sent = ::sendfile(fd(), file, &position, size);
    if (sent > 0) return {IoStatus::ok, static_cast<std::size_t>(sent)};
    if (sent == 0) return {IoStatus::file_failed, 0};
    if (errno == EPIPE || errno == ECONNRESET || errno == ENOTCONN || errno == ETIMEDOUT) return {IoStatus::closed, 0};
    if (errno == EAGAIN || errno == EINTR) return {IoStatus::would_block, 0};
    return {IoStatus::file_failed, 0};
}

void SocketStream::start_write_wait() {
    ++waiting_;
    socket().async_wait(asio::socket_base::wait_write, [this](std::error_code) {
        --waiting_;
        client_.on_writable();
    });
}

std::size_t SocketStream::unacknowledged() const {
    int count = 0;
    return ::ioctl(fd(), SIOCOUTQ, &count) == 0 ? static_cast<std::size_t>(count) : 0;
}

bool SocketStream::has_unread() const {
    int count = 0;
    return ::ioctl(fd(), FIONREAD, &count) == 0 && count > 0;
}

void SocketStream::reset() {
    const linger at_once{1, 0};
    ::setsockopt(fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

void SocketStream::shutdown_write() { ::shutdown(fd(), SHUT_WR); }

void SocketStream::End::close() {
    if (socket) {
        std::error_code ignored;  // a close that fails leaves nothing to do
        if (is_shared) {
            // The kernel forgets a closed descriptor in epoll only when nobody else has the connection: asio has to.
            fd.reset(socket->release(ignored));
        } else {
            socket->close(ignored);
        }
    }
    fd.reset();
}

void SocketStream::close() {
    if (other_) other_->close();
    own_.close();
}

void SocketStream::replace_by(UniqueFd end, int family) { other_.emplace(End{std::move(end), family}); }

Result<Stream::Shared> SocketStream::share(std::string unread) {
    UniqueFd other(::fcntl(fd(), F_DUPFD_CLOEXEC, 0));
    if (!other) return Unexpected{sys::system_error("the socket of a connection")};
    end().is_shared = true;
    ::fcntl(fd(), F_SETFL, ::fcntl(fd(), F_GETFL) & ~O_NONBLOCK);
    if (unread.empty()) return Shared{std::move(other), false};
    GN_TRY(other, start_relay(std::move(other), std::move(unread)));
    return Shared{std::move(other), true};
}

void SocketStream::reclaim() { ::fcntl(fd(), F_SETFL, ::fcntl(fd(), F_GETFL) | O_NONBLOCK); }

void SocketStream::shutdown_all() { ::shutdown(fd(), SHUT_RDWR); }

int SocketStream::fd() const { return end().descriptor(); }

SocketStream::Socket& SocketStream::socket() {
    End& end = this->end();
    if (!end.socket) {
        end.socket.emplace(context_);
        std::error_code error;
        end.socket->assign(asio::generic::stream_protocol(end.family, 0), end.fd.get(), error);
        if (!error) {
            static_cast<void>(end.fd.release());
            end.socket->non_blocking(true, error);  // it is; asio only has to know
        }
    }
    return *end.socket;
}

std::unique_ptr<Stream> make_plain_stream(EventLoop& loop, UniqueFd socket, int family, StreamClient& client) {
    return std::make_unique<SocketStream>(loop, std::move(socket), family, client);
}

}  // namespace gunicorn::server
