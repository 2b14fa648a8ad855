#include "server/net/event_loop.h"

#include "server/net/event_loop_impl.h"

namespace gunicorn::server {
namespace {

constexpr unsigned kTurnsBetweenLooks = 8;

// asio shows nobody the descriptor that it sleeps on. An explicit instantiation may name a private member ([temp.spec]/6).
template <int asio::detail::epoll_reactor::*Member>
struct Opened {
    friend int epoll_descriptor(asio::detail::epoll_reactor& reactor) { return reactor.*Member; }
};
template struct Opened<&asio::detail::epoll_reactor::epoll_fd_>;
int epoll_descriptor(asio::detail::epoll_reactor& reactor);

class DescriptorWatch final : public EventLoop::Watch {
public:
    DescriptorWatch(asio::io_context& context, int fd, std::function<void()> on_ready)
        : state_(std::make_shared<State>(context, fd, std::move(on_ready))) {
        arm(state_);
    }
    ~DescriptorWatch() override {
        state_->alive = false;
        static_cast<void>(state_->descriptor.release());  // the descriptor stays open: it is the caller's
    }
    void pause() override { state_->paused = true; }
    void resume() override {
        state_->paused = false;
        if (!state_->waiting) arm(state_);
    }

private:
    struct State {
        State(asio::io_context& context, int fd, std::function<void()> callback)
            : descriptor(context, fd), on_ready(std::move(callback)) {}
        asio::posix::stream_descriptor descriptor;
        std::function<void()> on_ready;
        bool alive = true;
        bool paused = false;
        bool waiting = false;
    };

    // Shared with the handler, which may run after the watch died: owners are the watch and the one outstanding wait.
    static void arm(const std::shared_ptr<State>& state) {
        state->waiting = true;
        state->descriptor.async_wait(asio::posix::stream_descriptor::wait_read, [state](std::error_code error) {
            state->waiting = false;
            if (error || !state->alive || state->paused) return;
            state->on_ready();
            if (state->alive && !state->paused) arm(state);
        });
    }

    std::shared_ptr<State> state_;
};

}  // namespace

EventLoop::EventLoop(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
EventLoop::~EventLoop() = default;

Result<std::unique_ptr<EventLoop>> EventLoop::create() {
    try {
        auto impl = std::make_unique<Impl>();
        auto& reactor = asio::use_service<asio::detail::epoll_reactor>(impl->context);
        GN_TRY(impl->sleeps_on, WaitSet::create(epoll_descriptor(reactor)));
        return std::unique_ptr<EventLoop>(new EventLoop(std::move(impl)));
    } catch (const std::system_error& error) {
        return failure(ErrorKind::system, std::string("event loop: ") + error.what(), error.code().value());
    }
}

std::size_t EventLoop::poll() {
    if (impl_->context.stopped()) impl_->context.restart();
    const std::size_t ran = impl_->context.poll();
    // Who always has something to do looks for newcomers now and then; the others do in wait().
    if (ran == 0 || impl_->context.stopped() || ++impl_->busy_turns % kTurnsBetweenLooks != 0) return ran;
    return ran + impl_->sleeps_on->wait(Duration::zero()).called;
}

std::size_t EventLoop::wait(Duration most) {
    if (impl_->context.stopped()) impl_->context.restart();
    const WaitSet::Ready ready = impl_->sleeps_on->wait(most);
    return ready.called + (ready.inner ? impl_->context.poll_one() : 0);
}

void EventLoop::interrupt() { impl_->context.stop(); }

Result<std::unique_ptr<EventLoop::Watch>> EventLoop::watch(int fd, std::function<void()> on_ready) {
    try {
        return std::unique_ptr<Watch>(std::make_unique<DescriptorWatch>(impl_->context, fd, std::move(on_ready)));
    } catch (const std::system_error& error) {
        return failure(ErrorKind::system, std::string("watching a descriptor: ") + error.what(), error.code().value());
    }
}

Result<std::unique_ptr<EventLoop::Watch>> EventLoop::watch_shared(int fd, std::function<void()> on_ready) {
    return impl_->sleeps_on->watch(fd, std::move(on_ready));
}

void EventLoop::let_others_first() { impl_->sleeps_on->let_others_first(); }

}  // namespace gunicorn::server
