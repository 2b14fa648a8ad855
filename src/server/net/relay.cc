#include "server/net/relay.h"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <system_error>
#include <thread>

#include "base/sys.h"
#include "server/net/secure_connection.h"

namespace gunicorn::server {
namespace {

std::atomic<std::size_t> relays_at_work{0};  // threads know no owner: they outlive whoever started them

/// One side of a relay: nothing of it blocks.
class Side {
public:
    virtual ~Side() = default;
    virtual IoResult read(char* buffer, std::size_t size) = 0;
    virtual IoResult write(std::string_view bytes) = 0;
    /// Nothing more is written.
    virtual void end() = 0;
    /// Where there was nothing to read: it is room that is wanted.
    [[nodiscard]] virtual bool wants_room() const { return false; }
    /// To be polled.
    [[nodiscard]] virtual int fd() const = 0;
};

class SocketSide final : public Side {
public:
    explicit SocketSide(UniqueFd socket) : socket_(std::move(socket)) {}
    IoResult read(char* buffer, std::size_t size) override { return answer_of(::recv(fd(), buffer, size, MSG_DONTWAIT)); }
    IoResult write(std::string_view bytes) override {
        return answer_of(::send(fd(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
    }
    void end() override { ::shutdown(fd(), SHUT_WR); }
    [[nodiscard]] int fd() const override { return socket_.get(); }

private:
    static IoResult answer_of(ssize_t count) {
        if (count > 0) return {IoStatus::ok, static_cast<std::size_t>(count)};
        const bool may_try_again = count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
        return {may_try_again ? IoStatus::would_block : IoStatus::closed, 0};
    }

    UniqueFd socket_;
};

class SecureSide final : public Side {
public:
    explicit SecureSide(std::unique_ptr<SecureConnection> connection) : connection_(std::move(connection)) {}
    IoResult read(char* buffer, std::size_t size) override { return connection_->read(buffer, size); }
    IoResult write(std::string_view bytes) override { return connection_->write(bytes, MoreFollow::no); }
    void end() override {
        static_cast<void>(connection_->end());
        ::shutdown(fd(), SHUT_WR);
    }
    [[nodiscard]] bool wants_room() const override { return connection_->wants_room(); }
    [[nodiscard]] int fd() const override { return connection_->socket(); }

private:
    std::unique_ptr<SecureConnection> connection_;
};

/// One direction: what `from` gave and `to` has not taken yet.
class Direction {
public:
    Direction(Side& from, Side& to, std::string early) : from_(from), to_(to), pending_(std::move(early)) {}

    [[nodiscard]] bool wants_input() const noexcept { return !has_ended_ && pending_.empty(); }
    [[nodiscard]] bool has_output() const noexcept { return !pending_.empty(); }
    [[nodiscard]] bool is_over() const noexcept { return has_ended_ && pending_.empty(); }

    /// One step; true when something moved, and the next may be taken at once. A side that is gone ends this direction only:
    /// what the other one carries still arrives.
    bool move() {
        if (is_over()) return false;
        bool has_moved = false;
        if (wants_input()) {
            std::array<char, 16384> buffer;
            const IoResult got = from_.read(buffer.data(), buffer.size());
            has_moved = got.status == IoStatus::ok;
            if (has_moved) pending_.assign(buffer.data(), got.count);
            if (!has_moved && got.status != IoStatus::would_block) has_ended_ = true;
        }
        if (has_output()) {
            const IoResult sent = to_.write(pending_);
            has_moved = sent.status == IoStatus::ok;
            if (has_moved) pending_.erase(0, sent.count);
            if (!has_moved && sent.status != IoStatus::would_block) give_up();
        }
        if (is_over()) to_.end();
        return has_moved;
    }

private:
    /// Nobody reads it any more: whoever writes shall know.
    void give_up() {
        has_ended_ = true;
        pending_.clear();
        ::shutdown(from_.fd(), SHUT_RD);
    }

    Side& from_;
    Side& to_;
    std::string pending_;
    bool has_ended_ = false;
};

pollfd wait_for(const Side& side, const Direction& from_it, const Direction& to_it) {
    int events = to_it.has_output() ? POLLOUT : 0;
    if (from_it.wants_input()) events |= side.wants_room() ? POLLOUT : POLLIN;
    return {events != 0 ? side.fd() : -1, static_cast<short>(events), 0};
}

/// Nobody holds the other end any more.
bool is_abandoned(int end) {
    pollfd state{end, 0, 0};
    return ::poll(&state, 1, 0) == 1 && (state.revents & POLLHUP) != 0;
}

void relay(std::unique_ptr<Side> connection, UniqueFd socket, std::string early, std::chrono::milliseconds patience) {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, nullptr);  // signals are for Python's threads
    SocketSide end(std::move(socket));
    Direction inward(*connection, end, std::move(early));
    Direction outward(end, *connection, {});
    for (;;) {
        const bool has_moved_inward = inward.move();
        const bool has_moved = outward.move() || has_moved_inward;
        if (inward.is_over() && outward.is_over()) break;
        if (has_moved) continue;  // until poll(2) knows all there is: a record may hold more than was read
        // Who is asked for nothing is not looked at, since a side that is gone would end every wait at once; but for the
        // application when it has written all: once it closes its end nobody reads what still comes.
        pollfd wait[] = {wait_for(*connection, inward, outward), wait_for(end, outward, inward)};
        if (outward.is_over()) wait[1].fd = end.fd();
        const int ready = ::poll(wait, 2, outward.has_output() ? static_cast<int>(patience.count()) : -1);
        if (ready < 0 && errno != EINTR) break;
        if (ready == 0 && is_abandoned(end.fd())) break;
        if (outward.is_over() && (wait[1].revents & POLLHUP) != 0) break;
    }
    ::shutdown(connection->fd(), SHUT_RDWR);
    connection.reset();
    --relays_at_work;
}

Result<UniqueFd> start(std::unique_ptr<Side> connection, std::string early, std::chrono::milliseconds patience) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        return Unexpected{sys::system_error("a pair of sockets")};
    }
    UniqueFd ours(ends[0]);
    UniqueFd theirs(ends[1]);
    ++relays_at_work;
    try {
        std::thread(&relay, std::move(connection), std::move(ours), std::move(early), patience).detach();
    } catch (const std::system_error& error) {
        --relays_at_work;
        return failure(ErrorKind::system, std::string("the thread of a relay: ") + error.what(), error.code().value());
    }
    return theirs;
}

}  // namespace

Result<UniqueFd> start_relay(UniqueFd connection, std::string early, std::chrono::milliseconds patience) {
    return start(std::make_unique<SocketSide>(std::move(connection)), std::move(early), patience);
}

Result<UniqueFd> start_relay(std::unique_ptr<SecureConnection> connection, std::string early,
                             std::chrono::milliseconds patience) {
    return start(std::make_unique<SecureSide>(std::move(connection)), std::move(early), patience);
}

std::size_t active_relays() noexcept { return relays_at_work; }

}  // namespace gunicorn::server
