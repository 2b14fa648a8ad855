#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include <fcntl.h>

#include "base/assert.h"
#include "base/sys.h"
#include "server/net/relay.h"
#include "server/net/socket_stream.h"
#include "server/net/tls_connection.h"

namespace gunicorn::server {
namespace {

/// TLS by OpenSSL. Plain until begin_tls(), and again where no TLS came or where it failed.
class TlsStream final : public SocketStream {
public:
    TlsStream(EventLoop& loop, UniqueFd socket, int family, StreamClient& client, const TlsContext& context)
        : SocketStream(loop, std::move(socket), family, client), tls_context_(context) {}

    void begin_tls(std::string_view already_read) override {
        tls_ = std::make_shared<TlsConnection>(tls_context_, fd(), already_read);
        is_clear_ = false;
    }

    IoResult read_some(char* buffer, std::size_t size) override {
        if (is_clear_) return SocketStream::read_some(buffer, size);
        const IoResult result = tls_->read(buffer, size);
        is_clear_ = result.status == IoStatus::not_tls || result.status == IoStatus::tls_failed;
        return result;
    }

    void start_read(char* buffer, std::size_t size) override {
        if (is_clear_) return SocketStream::start_read(buffer, size);
        ++waiting_;
        read_into_ = {buffer, size};
        if (!tls_->has_buffered()) return wait_to_read();
        asio::post(context_, [this] { go_on_reading(); });
    }

    IoResult write_some(std::span<const iovec> parts) override {
        if (is_clear_) return SocketStream::write_some(parts);
        const std::string_view first(static_cast<const char*>(parts[0].iov_base), parts[0].iov_len);
        if (parts.size() == 1 || first.size() >= TlsConnection::kMostPlaintext) return tls_->write(first);
        // One record, and one packet, for a small answer.
        std::array<char, TlsConnection::kMostPlaintext> record;
        std::size_t size = 0;
        for (const iovec& part : parts) {
            const std::size_t count = std::min(part.iov_len, record.size() - size);
            std::memcpy(record.data() + size, part.iov_base, count);
            size += count;
        }
        return tls_->write({record.data(), size});
    }

    IoResult send_file(int file, std::uint64_t offset, std::size_t size) override {
        if (is_clear_) return SocketStream::send_file(file, offset, size);
        std::array<char, TlsConnection::kMostPlaintext> record;
        const ssize_t got = ::pread(file, record.data(), std::min(size, record.size()), static_cast<off_t>(offset));
        if (got <= 0) return {IoStatus::file_failed, 0};
        return tls_->write({record.data(), static_cast<std::size_t>(got)});
    }

    void reset() override {
        is_cut_ = true;
        SocketStream::reset();
    }

    void shutdown_write() override {
        if (!is_clear_) tls_->end();
        SocketStream::shutdown_write();
    }

    /// A connection that is relayed goes on without us.
    void close() override {
        if (!is_clear_ && !is_cut_ && !is_relayed_) tls_->end();
        SocketStream::close();
    }

    Result<Shared> share(std::string unread) override {
        UniqueFd other(::fcntl(fd(), F_DUPFD_CLOEXEC, 0));
        if (!other) return Unexpected{sys::system_error("the socket of a connection")};
        tls_->move_to(std::move(other));
        is_shared_ = is_relayed_ = true;
        GN_TRY(UniqueFd end, start_relay(tls_, std::move(unread)));
        return Shared{std::move(end), true};
    }
    void reclaim() override {}

    [[nodiscard]] bool is_shaking_hands() const override { return !is_clear_ && tls_->is_shaking_hands(); }
    [[nodiscard]] std::vector<gateway::TlsFact> tls_facts() const override { return tls_->facts(); }
    [[nodiscard]] std::string_view failure() const override { return tls_ ? tls_->failure() : std::string_view(); }

private:
    struct Buffer {
        char* bytes = nullptr;
        std::size_t size = 0;
    };

    void wait_to_read() {
        const auto what = tls_->wants_room() ? asio::socket_base::wait_write : asio::socket_base::wait_read;
        socket().async_wait(what, [this](std::error_code error) {
            if (!error) return go_on_reading();
            answer_read({IoStatus::closed, 0});
        });
    }

    void go_on_reading() {
        const IoResult result = is_closed() ? IoResult{IoStatus::closed, 0} : read_some(read_into_.bytes, read_into_.size);
        if (result.status == IoStatus::would_block) return wait_to_read();
        answer_read(result);
    }

    void answer_read(IoResult result) {
        --waiting_;
        client_.on_read(result);
    }

    const TlsContext& tls_context_;
    std::shared_ptr<TlsConnection> tls_;  // a relay's as well, once the application has the connection
    bool is_clear_ = true;
    bool is_cut_ = false;
    bool is_relayed_ = false;
    Buffer read_into_;
};

}  // namespace

std::unique_ptr<Stream> make_tls_stream(EventLoop& loop, UniqueFd socket, int family, StreamClient& client,
                                        const TlsContext& context) {
    return std::make_unique<TlsStream>(loop, std::move(socket), family, client, context);
}

}  // namespace gunicorn::server
