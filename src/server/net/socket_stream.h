#pragma once
// For the sources of net/ only.

#include <optional>

#include "server/net/event_loop_impl.h"
#include "server/net/stream.h"

namespace gunicorn::server {

/// Reads and writes a socket directly; asio waits. The socket is registered with asio only when there is something to wait
/// for: a connection that brings its request at once and is closed afterwards never is. By itself the plain stream; what
/// encrypts is built on it.
class SocketStream : public Stream {
public:
    SocketStream(EventLoop& loop, UniqueFd socket, int family, StreamClient& client)
        : context_(loop.impl().context), client_(client), own_{std::move(socket), family, {}} {}

    IoResult read_some(char* buffer, std::size_t size) override;
    void start_read(char* buffer, std::size_t size) override;
    IoResult write_some(std::span<const iovec> parts) override;
    IoResult send_file(int file, std::uint64_t offset, std::size_t size) override;
    void start_write_wait() override;
    [[nodiscard]] bool is_waiting() const override { return waiting_ > 0; }
    [[nodiscard]] std::size_t unacknowledged() const override;
    [[nodiscard]] bool has_unread() const override;
    void reset() override;
    void shutdown_write() override;
    void close() override;
    Result<Shared> share(std::string unread) override;
    void reclaim() override;
    void shutdown_all() override;
    [[nodiscard]] int fd() const override;

protected:
    using Socket = asio::generic::stream_protocol::socket;

    /// What is read and written.
    struct End {
        UniqueFd fd;  // until asio has it
        int family = 0;
        std::optional<Socket> socket = {};
        bool is_shared = false;  // somebody has a second descriptor

        [[nodiscard]] int descriptor() const { return socket ? const_cast<Socket&>(*socket).native_handle() : fd.get(); }
        void close();
    };

    /// The socket, registered with asio from now on.
    Socket& socket();
    /// From now on bytes go to `end` and come from it; what is waited for at the connection itself goes on.
    void replace_by(UniqueFd end, int family);
    [[nodiscard]] bool is_closed() const { return fd() < 0; }

    asio::io_context& context_;
    StreamClient& client_;
    End own_;
    std::optional<End> other_;  // instead of it
    int waiting_ = 0;

private:
    [[nodiscard]] End& end() { return other_ ? *other_ : own_; }
    [[nodiscard]] const End& end() const { return other_ ? *other_ : own_; }
};

}  // namespace gunicorn::server
