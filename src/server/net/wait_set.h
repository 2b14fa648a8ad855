#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "server/net/event_loop.h"

namespace gunicorn::server {

/// What a loop sleeps on: the descriptor that asio sleeps on, and the listening sockets that it shares with other processes.
///
/// A new connection wakes one process of those that sleep (EPOLLEXCLUSIVE), never one that is busy: the first in the order
/// in which they began to watch. asio would wake all of them, and so would a nested epoll, since the kernel does not count
/// the process that sleeps on the outer one.
class WaitSet {
public:
    /// `inner` is an epoll descriptor, lent.
    static Result<std::unique_ptr<WaitSet>> create(int inner);

    /// Refers to this. `fd` is the caller's, `on_ready` is called as long as connections wait there.
    Result<std::unique_ptr<EventLoop::Watch>> watch(int fd, std::function<void()> on_ready);

    /// Before the next sleep: other processes are to be woken first.
    void let_others_first() noexcept { goes_last_ = true; }

    struct Ready {
        std::size_t called = 0;  ///< on_ready()s, before anything else: it must not wait behind what the inner ones do
        bool inner = false;
    };
    /// Sleeps for at most `most`.
    Ready wait(Duration most);

private:
    class SharedWatch;
    explicit WaitSet(UniqueFd epoll) : epoll_(std::move(epoll)) {}
    void queue_again();

    UniqueFd epoll_;
    std::vector<SharedWatch*> watches_;  // by the number in their events; null: gone
    bool goes_last_ = false;
};

}  // namespace gunicorn::server
