#pragma once

#include <functional>
#include <memory>

#include "base/clock.h"
#include "base/result.h"

namespace gunicorn::server {

/// asio's io_context, as the rest of the server sees it. One thread uses it. **Fork**: made after the fork.
class EventLoop {
public:
    static Result<std::unique_ptr<EventLoop>> create();
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;
    ~EventLoop();

    /// Runs every handler that is ready, without blocking, until interrupt(). Answers how many.
    std::size_t poll();
    /// Blocks until a handler is ready or `most` has passed, and runs one. Only after a poll() that ran none.
    std::size_t wait(Duration most);
    /// Inside of a handler: poll() returns after it. What else is ready waits for the next call.
    void interrupt();

    /// A watched descriptor that stays the caller's. `on_ready` is called each time it becomes readable, until the watch dies.
    class Watch {
    public:
        virtual ~Watch() = default;
        virtual void pause() = 0;   ///< no calls until resume()
        virtual void resume() = 0;  ///< asks anew: readable now counts
    };
    Result<std::unique_ptr<Watch>> watch(int fd, std::function<void()> on_ready);
    /// The same for a listening socket that other processes watch as well: see WaitSet. The loop outlives the watch.
    Result<std::unique_ptr<Watch>> watch_shared(int fd, std::function<void()> on_ready);
    /// Other processes are to be woken first for what comes on shared descriptors next.
    void let_others_first();

    /// For net/ only: the asio object behind it.
    struct Impl;
    [[nodiscard]] Impl& impl() noexcept { return *impl_; }

private:
    explicit EventLoop(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace gunicorn::server
