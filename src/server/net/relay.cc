#include "server/net/relay.h"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <thread>

#include "base/sys.h"

namespace gunicorn::server {
namespace {

/// One direction: what `from` gave and `to` has not taken yet.
class Direction {
public:
    Direction(int from, int to, std::string early) : from_(from), to_(to), pending_(std::move(early)) {}

    [[nodiscard]] bool wants_input() const noexcept { return !has_ended_ && pending_.empty(); }
    [[nodiscard]] bool has_output() const noexcept { return !pending_.empty(); }
    [[nodiscard]] bool is_over() const noexcept { return has_ended_ && pending_.empty(); }

    /// One step. A side that is gone ends this direction only: what the other one carries still arrives.
    void move() {
        if (is_over()) return;
        if (wants_input()) {
            std::array<char, 16384> buffer;
            const ssize_t got = ::recv(from_, buffer.data(), buffer.size(), MSG_DONTWAIT);
            if (got > 0) pending_.assign(buffer.data(), static_cast<std::size_t>(got));
            if (got == 0 || (got < 0 && !may_try_again())) has_ended_ = true;
        }
        if (has_output()) {
            const ssize_t sent = ::send(to_, pending_.data(), pending_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
            if (sent > 0) pending_.erase(0, static_cast<std::size_t>(sent));
            if (sent < 0 && !may_try_again()) give_up();
        }
        if (is_over()) ::shutdown(to_, SHUT_WR);
    }

private:
    static bool may_try_again() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

    /// Nobody reads it any more: whoever writes shall know.
    void give_up() {
        has_ended_ = true;
        pending_.clear();
        ::shutdown(from_, SHUT_RD);
    }

    int from_;
    int to_;
    std::string pending_;
    bool has_ended_ = false;
};

pollfd wait_for(int fd, const Direction& from_it, const Direction& to_it) {
    const int events = (from_it.wants_input() ? POLLIN : 0) | (to_it.has_output() ? POLLOUT : 0);
    return {events != 0 ? fd : -1, static_cast<short>(events), 0};
}

/// Nobody holds the other end any more.
bool is_abandoned(int end) {
    pollfd state{end, 0, 0};
    return ::poll(&state, 1, 0) == 1 && (state.revents & POLLHUP) != 0;
}

void relay(UniqueFd connection, UniqueFd end, std::string early, std::chrono::milliseconds patience) {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, nullptr);  // signals are for Python's threads
    Direction inward(connection.get(), end.get(), std::move(early));
    Direction outward(end.get(), connection.get(), {});
    for (;;) {
        inward.move();
        outward.move();
        if (inward.is_over() && outward.is_over()) break;
        // Who is asked for nothing is not looked at, since a side that is gone would end every wait at once; but for the
        // application when it has written all: once it closes its end nobody reads what still comes.
        pollfd wait[] = {wait_for(connection.get(), inward, outward), wait_for(end.get(), outward, inward)};
        if (outward.is_over()) wait[1].fd = end.get();
        const int ready = ::poll(wait, 2, outward.has_output() ? static_cast<int>(patience.count()) : -1);
        if (ready < 0 && errno != EINTR) break;
        if (ready == 0 && is_abandoned(end.get())) break;
        if (outward.is_over() && (wait[1].revents & POLLHUP) != 0) break;
    }
    ::shutdown(connection.get(), SHUT_RDWR);
}

}  // namespace

Result<UniqueFd> start_relay(UniqueFd connection, std::string early, std::chrono::milliseconds patience) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        return Unexpected{sys::system_error("a pair of sockets")};
    }
    UniqueFd ours(ends[0]);
    UniqueFd theirs(ends[1]);
    try {
        std::thread(&relay, std::move(connection), std::move(ours), std::move(early), patience).detach();
    } catch (const std::system_error& error) {
        return failure(ErrorKind::system, std::string("the thread of a relay: ") + error.what(), error.code().value());
    }
    return theirs;
}

}  // namespace gunicorn::server
