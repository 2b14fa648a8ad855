#include <fcntl.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#include <cerrno>
#include <optional>

#include "base/sys.h"
#include "server/net/event_loop_impl.h"
#include "server/net/stream.h"

namespace gunicorn::server {
namespace {

constexpr int kSendFlags = MSG_NOSIGNAL | MSG_DONTWAIT;  // a shared socket may be in blocking mode

IoResult answer_of(ssize_t count) {
    if (count > 0) return {IoStatus::ok, static_cast<std::size_t>(count)};
    if (count == 0) return {IoStatus::closed, 0};
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {IoStatus::would_block, 0};
    return {IoStatus::closed, 0};
}

/// Reads and writes the socket directly; asio waits. The socket is registered with asio only when there is something to wait
/// for: a connection that brings its request at once and is closed afterwards never is.
class PlainStream final : public Stream {
public:
    PlainStream(asio::io_context& context, UniqueFd socket, int family, StreamClient& client)
        : context_(context), fd_(std::move(socket)), family_(family), client_(client) {}

    IoResult read_some(char* buffer, std::size_t size) override { return answer_of(::recv(fd(), buffer, size, MSG_DONTWAIT)); }

    void start_read(char* buffer, std::size_t size) override {
        ++waiting_;
        socket().async_read_some(asio::buffer(buffer, size), [this](std::error_code error, std::size_t count) {
            --waiting_;
            client_.on_read(error ? IoResult{IoStatus::closed, 0} : IoResult{IoStatus::ok, count});
        });
    }

    IoResult write_some(std::span<const iovec> parts) override {
        if (parts.size() == 1) return answer_of(::send(fd(), parts[0].iov_base, parts[0].iov_len, kSendFlags));
        msghdr message{};
        message.msg_iov = const_cast<iovec*>(parts.data());
        message.msg_iovlen = parts.size();
        return answer_of(::sendmsg(fd(), &message, kSendFlags));
    }

    IoResult send_file(int file, std::uint64_t offset, std::size_t size) override {
        auto position = static_cast<off_t>(offset);
        const ssize_t sent = ::sendfile(fd(), file, &position, size);
        if (sent > 0) return {IoStatus::ok, static_cast<std::size_t>(sent)};
        if (sent == 0) return {IoStatus::file_failed, 0};
        if (errno == EPIPE || errno == ECONNRESET || errno == ENOTCONN || errno == ETIMEDOUT) return {IoStatus::closed, 0};
        if (errno == EAGAIN || errno == EINTR) return {IoStatus::would_block, 0};
        return {IoStatus::file_failed, 0};
    }

    void start_write_wait() override {
        ++waiting_;
        socket().async_wait(asio::socket_base::wait_write, [this](std::error_code) {
            --waiting_;
            client_.on_writable();
        });
    }

    [[nodiscard]] bool is_waiting() const override { return waiting_ > 0; }
    [[nodiscard]] std::size_t unacknowledged() const override {
        int count = 0;
        return ::ioctl(fd(), SIOCOUTQ, &count) == 0 ? static_cast<std::size_t>(count) : 0;
    }
    [[nodiscard]] bool has_unread() const override {
        int count = 0;
        return ::ioctl(fd(), FIONREAD, &count) == 0 && count > 0;
    }
    void reset() override {
        const linger at_once{1, 0};
        ::setsockopt(fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }
    void shutdown_write() override { ::shutdown(fd(), SHUT_WR); }
    void close() override {
        if (socket_) {
            std::error_code ignored;  // a close that fails leaves nothing to do
            if (is_shared_) {
                // The kernel forgets a closed descriptor in epoll only when nobody else has the connection: asio has to.
                fd_.reset(socket_->release(ignored));
            } else {
                socket_->close(ignored);
            }
        }
        fd_.reset();
    }
    Result<UniqueFd> share() override {
        UniqueFd other(::fcntl(fd(), F_DUPFD_CLOEXEC, 0));
        if (!other) return Unexpected{sys::system_error("the socket of a connection")};
        is_shared_ = true;
        ::fcntl(fd(), F_SETFL, ::fcntl(fd(), F_GETFL) & ~O_NONBLOCK);
        return other;
    }
    void reclaim() override { ::fcntl(fd(), F_SETFL, ::fcntl(fd(), F_GETFL) | O_NONBLOCK); }
    void shutdown_all() override { ::shutdown(fd(), SHUT_RDWR); }
    [[nodiscard]] int fd() const override {
        return socket_ ? const_cast<Socket&>(*socket_).native_handle() : fd_.get();
    }

private:
    using Socket = asio::generic::stream_protocol::socket;

    Socket& socket() {
        if (!socket_) {
            socket_.emplace(context_);
            std::error_code error;
            socket_->assign(asio::generic::stream_protocol(family_, 0), fd_.get(), error);
            if (!error) {
                static_cast<void>(fd_.release());
                socket_->non_blocking(true, error);  // it is; asio only has to know
            }
        }
        return *socket_;
    }

    asio::io_context& context_;
    UniqueFd fd_;  // until asio has it
    int family_;
    StreamClient& client_;
    std::optional<Socket> socket_;
    int waiting_ = 0;
    bool is_shared_ = false;
};

}  // namespace

std::unique_ptr<Stream> make_plain_stream(EventLoop& loop, UniqueFd socket, int family, StreamClient& client) {
    return std::make_unique<PlainStream>(loop.impl().context, std::move(socket), family, client);
}

}  // namespace gunicorn::server
