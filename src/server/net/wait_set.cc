#include "server/net/wait_set.h"

#include <sys/epoll.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

#include "base/sys.h"

namespace gunicorn::server {
namespace {

constexpr std::uint64_t kInner = std::numeric_limits<std::uint64_t>::max();

}  // namespace

class WaitSet::SharedWatch final : public EventLoop::Watch {
public:
    SharedWatch(WaitSet& set, int fd, std::uint64_t number, std::function<void()> on_ready)
        : set_(set), fd_(fd), number_(number), on_ready_(std::move(on_ready)) {}
    ~SharedWatch() override {
        pause();
        set_.watches_[number_] = nullptr;
    }
    void pause() override {
        if (is_queued_) ::epoll_ctl(set_.epoll_.get(), EPOLL_CTL_DEL, fd_, nullptr);
        is_queued_ = false;
    }
    void resume() override {
        if (!is_queued_) static_cast<void>(queue());  // there was room for it before
    }
    Result<void> queue() {
        epoll_event event{};
        event.events = EPOLLIN | EPOLLEXCLUSIVE;
        event.data.u64 = number_;
        if (::epoll_ctl(set_.epoll_.get(), EPOLL_CTL_ADD, fd_, &event) != 0) {
            return Unexpected{sys::system_error("watching a listening socket")};
        }
        is_queued_ = true;
        return {};
    }
    void queue_again() {
        if (!is_queued_) return;
        pause();
        resume();
    }
    /// Answers whether it was still asked for.
    bool call() {
        if (!is_queued_) return false;
        on_ready_();
        return true;
    }

private:
    WaitSet& set_;
    int fd_;
    std::uint64_t number_;
    std::function<void()> on_ready_;
    bool is_queued_ = false;
};

Result<std::unique_ptr<WaitSet>> WaitSet::create(int inner) {
    UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
    if (!epoll) return Unexpected{sys::system_error("epoll_create1")};
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = kInner;
    if (::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, inner, &event) != 0) return Unexpected{sys::system_error("epoll_ctl")};
    return std::unique_ptr<WaitSet>(new WaitSet(std::move(epoll)));
}

Result<std::unique_ptr<EventLoop::Watch>> WaitSet::watch(int fd, std::function<void()> on_ready) {
    auto watch = std::make_unique<SharedWatch>(*this, fd, watches_.size(), std::move(on_ready));
    watches_.push_back(watch.get());
    GN_CHECK(watch->queue());
    return std::unique_ptr<EventLoop::Watch>(std::move(watch));
}

WaitSet::Ready WaitSet::wait(Duration most) {
    if (std::exchange(goes_last_, false)) queue_again();
    epoll_event events[16];
    const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(most).count();
    const int count = ::epoll_wait(epoll_.get(), events, std::size(events), static_cast<int>(milliseconds));
    Ready ready;
    for (int i = 0; i < count; ++i) {
        if (events[i].data.u64 == kInner) {
            ready.inner = true;
        } else if (SharedWatch* watch = watches_[events[i].data.u64]; watch != nullptr && watch->call()) {
            ++ready.called;
        }
    }
    // Nothing has ended this sleep: now and then a look at what another process was woken for and has not taken, because
    // it died or had no descriptor.
    if (count == 0 && milliseconds > 0) goes_last_ = true;
    return ready;
}

/// To the end of the queue; that asks anew whether a connection waits, too.
void WaitSet::queue_again() {
    for (SharedWatch* watch : watches_) {
        if (watch != nullptr) watch->queue_again();
    }
}

}  // namespace gunicorn::server
