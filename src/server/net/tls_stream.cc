#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include <fcntl.h>

#include "base/assert.h"
#include "base/sys.h"
#include "server/net/channel_connection.h"
#include "server/net/relay.h"
#include "server/net/socket_stream.h"
#include "server/net/tls_connection.h"

namespace gunicorn::server {
namespace {

/// Plain until begin_tls(), and again where no TLS came.
class TlsStream : public SocketStream {
public:
    using SocketStream::SocketStream;

    void begin_tls(std::string_view already_read) override {
        tls_ = secure(fd(), already_read);
        is_clear_ = false;
    }

    IoResult read_some(char* buffer, std::size_t size) override {
        if (is_clear_ || is_broken_) return SocketStream::read_some(buffer, size);
        const IoResult result = tls_->read(buffer, size);
        is_clear_ = result.status == IoStatus::not_tls;
        is_broken_ = result.status == IoStatus::tls_failed;
        return result;
    }

    void start_read(char* buffer, std::size_t size) override {
        if (is_clear_ || is_broken_) return SocketStream::start_read(buffer, size);
        ++waiting_;
        read_into_ = {buffer, size};
        if (!tls_->has_buffered()) return wait_to_read();
        is_posted_ = true;
        asio::post(context_, [this] {
            is_posted_ = false;
            go_on_reading();
        });
    }

    IoResult write_some(std::span<const iovec> parts) override {
        if (is_clear_) return SocketStream::write_some(parts);
        const std::string_view first(static_cast<const char*>(parts[0].iov_base), parts[0].iov_len);
        if (parts.size() == 1) return tls_->write(first, MoreFollow::no);
        if (first.size() >= SecureConnection::kMostPlaintext) return tls_->write(first, MoreFollow::yes);
        // One record, and one packet, for a small answer.
        std::array<char, SecureConnection::kMostPlaintext> record;
        std::size_t size = 0;
        std::size_t all = 0;
        for (const iovec& part : parts) {
            const std::size_t count = std::min(part.iov_len, record.size() - size);
            std::memcpy(record.data() + size, part.iov_base, count);
            size += count;
            all += part.iov_len;
        }
        return tls_->write({record.data(), size}, all > size ? MoreFollow::yes : MoreFollow::no);
    }

    IoResult send_file(int file, std::uint64_t offset, std::size_t size) override {
        if (is_clear_) return SocketStream::send_file(file, offset, size);
        std::array<char, SecureConnection::kMostPlaintext> record;
        const ssize_t got = ::pread(file, record.data(), std::min(size, record.size()), static_cast<off_t>(offset));
        if (got <= 0) return {IoStatus::file_failed, 0};
        const auto count = static_cast<std::size_t>(got);
        return tls_->write({record.data(), count}, size > count ? MoreFollow::yes : MoreFollow::no);
    }

    void reset() override {
        is_cut_ = true;
        SocketStream::reset();
    }

    void shutdown_write() override {
        if (is_clear_ || tls_->end() != IoStatus::would_block) return SocketStream::shutdown_write();
        ++waiting_;
        socket().async_wait(asio::socket_base::wait_write, [this](std::error_code error) {
            if (!error && !is_closed()) shutdown_write();
            --waiting_;
            client_.on_writable();
        });
    }

    void close() override {
        if (!is_clear_ && !is_cut_) tls_->end();
        SocketStream::close();
    }

    /// The application reads and writes plaintext at one end of a pair, and so do we from now on, behind it: a relay has the
    /// connection.
    Result<Shared> share(std::string unread) override {
        if (is_clear_) return SocketStream::share(std::move(unread));
        UniqueFd socket(::fcntl(fd(), F_DUPFD_CLOEXEC, 0));
        if (!socket) return Unexpected{sys::system_error("the socket of a connection")};
        own_.is_shared = true;
        is_clear_ = true;
        replace_by(UniqueFd(), AF_UNIX);  // nothing goes out unencrypted, whatever fails below
        tls_->move_to(std::move(socket));
        GN_TRY(UniqueFd end, start_relay(std::move(tls_), std::move(unread)));
        replace_by(std::move(end), AF_UNIX);
        return SocketStream::share({});
    }

    /// While our answers have no room nothing is read, and what waits in the kernel is no sign of life.
    [[nodiscard]] bool has_unread() const override {
        if (is_clear_ || is_broken_) return SocketStream::has_unread();
        return is_posted_ || (!tls_->wants_room() && SocketStream::has_unread());
    }

    [[nodiscard]] bool is_shaking_hands() const override { return !is_clear_ && !is_broken_ && tls_->is_shaking_hands(); }
    [[nodiscard]] std::vector<gateway::TlsFact> tls_facts() const override { return tls_->facts(); }
    [[nodiscard]] std::string_view failure() const override { return tls_ ? tls_->failure() : std::string_view(); }

protected:
    [[nodiscard]] virtual std::unique_ptr<SecureConnection> secure(int socket, std::string_view early) const = 0;

private:
    struct Buffer {
        char* bytes = nullptr;
        std::size_t size = 0;
    };

    void wait_to_read() {
        if (tls_->wants_room()) {
            socket().async_wait(asio::socket_base::wait_write, [this](std::error_code error) {
                if (!error) return go_on_reading();
                answer_read({IoStatus::closed, 0});
            });
            return;
        }
        // Reading, not waiting: asio asks the kernel anew each time that it only waits.
        const auto into = asio::buffer(read_into_.bytes, read_into_.size);
        socket().async_read_some(into, [this](std::error_code error, std::size_t count) {
            if (error) return answer_read(last_read());
            tls_->take({read_into_.bytes, count});
            go_on_reading();
        });
    }

    void go_on_reading() {
        const IoResult result = is_closed() ? IoResult{IoStatus::closed, 0} : read_some(read_into_.bytes, read_into_.size);
        if (result.status == IoStatus::would_block) return wait_to_read();
        answer_read(result);
    }

    /// Behind an end or an error: what TLS makes of it.
    IoResult last_read() {
        if (is_closed()) return {IoStatus::closed, 0};
        const IoResult result = read_some(read_into_.bytes, read_into_.size);
        return result.status == IoStatus::would_block ? IoResult{IoStatus::closed, 0} : result;
    }

    void answer_read(IoResult result) {
        --waiting_;
        client_.on_read(result);
    }

    std::unique_ptr<SecureConnection> tls_;  // null before begin_tls(), and once a relay has it
    bool is_clear_ = true;
    bool is_broken_ = false;  // nothing can be sent any more; what comes is read undeciphered
    bool is_posted_ = false;  // a read is about to go on with what is here already
    bool is_cut_ = false;
    Buffer read_into_;
};

class OpensslStream final : public TlsStream {
public:
    OpensslStream(EventLoop& loop, UniqueFd socket, int family, StreamClient& client, const TlsContext& context)
        : TlsStream(loop, std::move(socket), family, client), tls_context_(context) {}

private:
    [[nodiscard]] std::unique_ptr<SecureConnection> secure(int socket, std::string_view early) const override {
        return std::make_unique<TlsConnection>(tls_context_, socket, early);
    }

    const TlsContext& tls_context_;
};

class ChannelStream final : public TlsStream {
public:
    ChannelStream(EventLoop& loop, UniqueFd socket, int family, StreamClient& client, gateway::TlsChannelFactory& channels,
                  RaggedEnds ragged_ends)
        : TlsStream(loop, std::move(socket), family, client), channels_(channels), ragged_ends_(ragged_ends) {}

private:
    [[nodiscard]] std::unique_ptr<SecureConnection> secure(int socket, std::string_view early) const override {
        return std::make_unique<ChannelConnection>(channels_, ragged_ends_, socket, early);
    }

    gateway::TlsChannelFactory& channels_;
    const RaggedEnds ragged_ends_;
};

}  // namespace

std::unique_ptr<Stream> make_tls_stream(EventLoop& loop, UniqueFd socket, int family, StreamClient& client,
                                        const TlsContext& context) {
    return std::make_unique<OpensslStream>(loop, std::move(socket), family, client, context);
}

std::unique_ptr<Stream> make_channel_stream(EventLoop& loop, UniqueFd socket, int family, StreamClient& client,
                                            gateway::TlsChannelFactory& channels, RaggedEnds ragged_ends) {
    return std::make_unique<ChannelStream>(loop, std::move(socket), family, client, channels, ragged_ends);
}

}  // namespace gunicorn::server
