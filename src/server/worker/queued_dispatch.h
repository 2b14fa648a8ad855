#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "gateway/application.h"
#include "gateway/dispatch.h"
#include "server/net/event_loop.h"
#include "server/protocol/dispatch.h"
#include "server/protocol/http_session.h"
#include "server/worker/app_errors.h"

namespace gunicorn::server {

class Engine;
class QueuedExchange;

/// worker_class gthread: complete requests go through a queue to Python threads, and what they answer comes back through
/// another one that the engine reads. The engine's thread never touches Python; only it touches sockets.
class QueuedDispatch final : public Dispatch, public gateway::RequestQueue {
public:
    /// A response may be this far ahead of its client before its thread waits.
    static constexpr std::size_t kHighWater = 1U << 20U;

    static Result<std::unique_ptr<QueuedDispatch>> create(gateway::Application& application, AppErrors errors,
                                                          std::vector<std::string> environ_names);

    /// Engine's thread: watches for answers. Call once, before requests come.
    Result<void> attach(Engine& engine);
    /// Any thread: no more requests are taken from the queue; threads that wait for their client wait no longer; serve() returns
    /// when its request is done.
    void close();
    /// Engine's thread, or after it ended: watches no more.
    void detach() { watch_.reset(); }
    /// Before a thread is started that will call serve().
    void expect_thread();
    /// After close(): whether every serve() has returned, waiting at most `most`. Not with the GIL held.
    bool wait_until_unused(Duration most);

    // Dispatch: the engine's thread.
    void submit(HttpSession& session) override;
    void on_room(HttpSession& session) override;
    void on_abandoned(HttpSession& session) override;

    // RequestQueue: Python threads.
    void serve(gateway::InterpreterLock& lock) override;

private:
    friend class QueuedExchange;
    /// Shared by the engine and the thread of one request, under mutex_.
    struct Flow {
        std::size_t ahead = 0;  // bytes posted and not yet sent
        std::size_t taken = 0;  // of these, what the session has; engine's thread only
        bool gone = false;      // nobody reads any more
        bool done = false;      // the thread posted its last answer
        std::condition_variable room;
    };
    /// A part of an answer on its way to the engine.
    struct Answer {
        HttpSession* session = nullptr;
        std::string bytes;
        std::optional<OutgoingFile> file;
        std::string suffix;
        bool last = false;
        std::optional<Error> failed;
        bool is_interim = false;  // the bytes are not of the response itself
    };
    struct Job {
        HttpSession* session;
        std::shared_ptr<Flow> flow;
    };

    QueuedDispatch(gateway::Application& application, AppErrors errors, std::vector<std::string> environ_names, UniqueFd wake)
        : application_(application),
          errors_(std::move(errors)),
          environ_names_(std::move(environ_names)),
          wake_(std::move(wake)) {}
    void run(const Job& job, gateway::InterpreterLock& lock);
    void post(Answer answer, const std::shared_ptr<Flow>& flow);
    void on_answers();
    void on_answer(Answer answer);
    void settle(HttpSession& session);
    Flow& flow_of(HttpSession& session) { return *static_cast<Flow*>(session.dispatch_state.get()); }
    void end_flow(HttpSession& session);

    gateway::Application& application_;
    AppErrors errors_;
    std::vector<std::string> environ_names_;
    UniqueFd wake_;  // eventfd: written when the list of answers was empty
    std::unique_ptr<EventLoop::Watch> watch_;

    std::mutex mutex_;
    std::condition_variable work_;
    std::deque<Job> jobs_;
    std::vector<Flow*> flows_;  // of requests that are not settled
    std::vector<Answer> answers_;
    bool closed_ = false;
    int serving_ = 0;  // threads that are in serve() or on their way
    std::condition_variable unused_;
    std::vector<Answer> taken_;  // engine's thread only
};

}  // namespace gunicorn::server
