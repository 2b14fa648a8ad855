#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "gateway/application.h"
#include "gateway/dispatch.h"
#include "server/net/event_loop.h"
#include "server/protocol/dispatch.h"
#include "server/worker/app_errors.h"
#include "server/worker/queued_exchange.h"
#include "server/worker/scoreboard.h"

namespace gunicorn::server {

class Engine;

/// A Python thread that serves; under the mutex of the dispatch.
struct ServingThread {
    std::condition_variable wake;
    std::uint64_t ident = 0;  // threading.get_ident()
    bool is_woken = false;
    QueuedExchange* current = nullptr;
    std::size_t parked = 0;  // responses that wait for their clients, and go on in this thread
    std::deque<QueuedExchange*> resumed;  // of these, the ones that can
    bool has_resumed = false;             // the last one it took was of these: they take turns with new requests
};

/// worker_class gthread: complete requests go through a queue to Python threads, and what they answer comes back in letter boxes
/// that the engine empties. The engine's thread never touches Python; only it touches sockets.
///
/// Both sides hand over in batches, since waking the other side costs more than a request: the engine at the end of its turn, a
/// thread when it finds nothing more to do. A thread keeps the GIL from one request to the next. It never waits for a slow
/// client: the response is parked, and goes on in the same thread (objects of an application may be bound to theirs) once the
/// client has taken what was there. Only write(), which has to wait, does.
class QueuedDispatch final : public Dispatch, public gateway::RequestQueue {
public:
    /// write() may be this far ahead of its client before its thread waits.
    static constexpr std::size_t kHighWater = 1U << 20U;

    /// A request whose time is over.
    struct Overdue {
        const QueuedExchange* request = nullptr;  ///< null once no thread has it; for QueuedDispatch only
        std::string request_line;
        Duration elapsed{};
        std::uint64_t thread = 0;  ///< threading.get_ident() of the one that runs it; 0: none does
    };

    static Result<std::unique_ptr<QueuedDispatch>> create(gateway::Application& application, AppErrors errors,
                                                          std::vector<std::string> environ_names);

    /// Where it says how many requests wait for a thread; outlives it. Before requests come.
    void count_queue_in(WorkerSlot& slot) { slot_ = &slot; }
    /// Engine's thread: watches for answers. Call once, before requests come.
    Result<void> attach(Engine& engine);
    /// Any thread: no more requests are taken from the queue; threads that wait for their client wait no longer; serve() returns
    /// when its request is done.
    void close();
    /// Engine's thread, or after it ended: watches no more.
    void detach() { watch_.reset(); }
    /// Engine's thread calls it when a request is overdue; `starved`: no thread is left that is not. Before requests come.
    void set_on_overdue(std::function<void(bool starved)> on_overdue) { on_overdue_ = std::move(on_overdue); }
    /// Any thread: those that became overdue since the last call.
    std::vector<Overdue> take_overdue();
    /// Before a thread is started that will call serve().
    void expect_thread();
    /// After close(): whether every serve() has returned, waiting at most `most`. Not with the GIL held.
    bool wait_until_unused(Duration most);

    // Dispatch: the engine's thread.
    void submit(HttpSession& session) override;
    void on_room(HttpSession& session) override;
    void on_abandoned(HttpSession& session) override;
    void on_overdue(HttpSession& session) override;
    Duration end_turn() override;

    // RequestQueue: Python threads.
    void serve(gateway::InterpreterLock& lock) override;

private:
    friend class QueuedExchange;

    QueuedDispatch(gateway::Application& application, AppErrors errors, std::vector<std::string> environ_names, UniqueFd wake)
        : application_(application),
          errors_(std::move(errors)),
          environ_names_(std::move(environ_names)),
          wake_(std::move(wake)) {}

    // Python threads.
    QueuedExchange* take(ServingThread& thread, gateway::InterpreterLock& lock);
    QueuedExchange* next_for(ServingThread& thread);
    bool leaves_to_another(const ServingThread& thread);
    void discard(std::unique_lock<std::mutex>& guard);
    void announce_all();
    void log_failure(QueuedExchange& request, const Error& error);
    void run(QueuedExchange& request);
    enum class Pulled {
        ended,
        parked,  ///< goes on in resume()
    };
    Result<Pulled> pull(QueuedExchange& request);
    void finish(QueuedExchange& request, std::optional<Error> failed);
    bool park(QueuedExchange& request);
    bool is_gone(QueuedExchange& request);
    bool has_room(QueuedExchange& request);
    void post_part(QueuedExchange& request);
    void post_end(QueuedExchange& request);
    void post_release(QueuedExchange& request, std::optional<Error> failed);
    /// False when the client is gone. Blocks; not with the GIL.
    bool wait_for_room(QueuedExchange& request, std::size_t below);
    bool lend_socket(QueuedExchange& request);

    // The engine's thread.
    void take_letters();
    void on_letter(QueuedExchange& request);
    void settle(HttpSession& session);
    void hand_over_source(HttpSession& session);
    static QueuedExchange& exchange_of(HttpSession& session) { return *static_cast<QueuedExchange*>(session.dispatch_state.get()); }

    // Under mutex_.
    void post(QueuedExchange& request);
    void hand_over_batch();
    void publish_queue() noexcept {
        if (slot_ != nullptr) slot_->set_queued_requests(jobs_.size());
    }
    void announce();
    void wake_one();
    void wake(std::vector<ServingThread*>::iterator place);
    void resume(QueuedExchange& request);

    gateway::Application& application_;
    AppErrors errors_;
    std::vector<std::string> environ_names_;
    UniqueFd wake_;  // eventfd
    std::unique_ptr<EventLoop::Watch> watch_;
    std::function<void(bool)> on_overdue_;
    WorkerSlot* slot_ = nullptr;

    std::mutex mutex_;
    std::deque<QueuedExchange*> jobs_;
    std::vector<QueuedExchange*> posted_;   // with a letter for the engine
    bool is_announced_ = false;             // wake_ was written since the engine looked last
    bool is_glancing_ = false;              // the engine looks within kGlance, announced or not
    std::vector<ServingThread*> idle_;      // the last one slept least
    std::size_t woken_ = 0;                 // threads that were woken and have not looked yet
    std::vector<QueuedExchange*> waiting_;  // whose threads wait for room
    std::vector<std::unique_ptr<gateway::ResponseSource>> discarded_;  // to die in a thread
    bool is_closed_ = false;
    int serving_ = 0;  // threads that are in serve() or on their way
    int late_ = 0;     // of these, the ones with an overdue request
    std::vector<Overdue> overdue_;  // not reported yet
    std::condition_variable unused_;

    // The engine's thread.
    std::vector<QueuedExchange*> batch_;
    std::vector<QueuedExchange*> taken_;
    TimePoint useful_at_{};  // the last turn that had requests or letters
};

}  // namespace gunicorn::server
