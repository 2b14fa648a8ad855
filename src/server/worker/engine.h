#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "gateway/log_sink.h"
#include "server/net/event_loop.h"
#include "server/net/relay.h"
#include "server/net/stream.h"
#include "server/protocol/http_session.h"
#include "server/protocol/session_host.h"
#include "server/worker/accept_trouble.h"
#include "server/worker/scoreboard.h"

namespace gunicorn::server {

/// A listening socket of the master, lent.
struct ListenSocket {
    int fd = -1;
    int family = 0;
};

struct EngineOptions {
    ProtocolOptions protocol;
    std::size_t most_connections = 1000;           ///< worker_connections: no more are accepted while so many are open
    Duration serve_limit{};                        ///< of Backlog::serve: a busy backlog is never empty
    RaggedEnds ragged_ends = RaggedEnds::ignored;  ///< of tls_channels
};

/// What the engine writes to. All outlive it.
struct EngineServices {
    gateway::LogSink* log = nullptr;
    AccessLog* access_log = nullptr;  ///< null: none
    WorkerSlot* slot = nullptr;
    const TlsContext* tls = nullptr;                     ///< of every connection; null: they are plain
    gateway::TlsChannelFactory* tls_channels = nullptr;  ///< the same, of the hook ssl_context; not both
    RequestMetrics* metrics = nullptr;                   ///< of statsd; null: none
    gateway::AccessSink* python_access_log = nullptr;    ///< in place of access_log; null: none
};

/// The data plane of one worker: accepts connections, and owns them and the loop they run on. Knows no Python; whoever calls
/// poll() and wait() is its thread. **Fork**: made after it.
class Engine final : public SessionHost {
public:
    static Result<std::unique_ptr<Engine>> create(EngineOptions options, const EngineServices& services,
                                                  std::vector<ListenSocket> listeners);
    ~Engine();

    /// Must be set before start(); outlives the engine's last call.
    void set_dispatch(Dispatch* dispatch) noexcept { dispatch_ = dispatch; }
    /// Called after each response; answers nothing. For max_requests.
    void set_on_response(std::function<void()> on_response) { on_response_ = std::move(on_response); }
    /// Where the environment says that the application is mounted ($SCRIPT_NAME). Before start().
    void set_script_name(std::string script_name) { options_.protocol.script_name = std::move(script_name); }
    /// False lets every response close its connection: application calls are long, and nobody shall wait behind one.
    void set_keep_alive(bool wanted) noexcept { keep_alive_ = wanted; }

    /// Begins to accept.
    Result<void> start();
    /// One turn, without blocking: closes connections that waited too long, runs what is ready, and ends the turn of the
    /// dispatch.
    std::size_t poll();
    /// Blocks for at most `most`, and runs some of what came; the rest, and what that made ready, is for poll(). Only after
    /// a poll() that had nothing to do: what is ready within the loop does not end the sleep.
    std::size_t wait(Duration most);
    /// A descriptor that wakes wait(): the caller's, which must stay open.
    Result<std::unique_ptr<EventLoop::Watch>> watch(int fd, std::function<void()> on_ready) {
        return loop_->watch(fd, std::move(on_ready));
    }

    /// Inline dispatch: application code begins, and silence counts from here.
    void beat(TimePoint now) noexcept { services_.slot->beat(now); }
    /// After each call of application code inside of poll() or wait(): they return when they have run for long, so that
    /// their caller can look at signals and give the heartbeat.
    void return_soon(TimePoint now) {
        if (now - entered_ >= kSlice) return_now();
    }
    /// The same at once: there is something to look at.
    void return_now() {
        returns_ = true;
        loop_->interrupt();
    }
    /// Any thread: begin_drain() will follow. Responses that begin from now on close their connections.
    void announce_stop() noexcept { stopping_.store(true, std::memory_order_relaxed); }

    /// What to do with connections that the kernel has accepted for us and nobody has taken yet.
    enum class Backlog {
        leave,   ///< other workers take them
        serve,   ///< nobody else may do so; newcomers as well, since others may listen on: for a while
        finish,  ///< nobody else will, and nobody listens any more: newcomers are kept out
    };
    /// Accepts no more, but for the backlog of each listener, in the order of create(). Idle kept connections have `idle`
    /// left; a request that still comes on one is answered with "Connection: close". `on_closed` is called when a backlog
    /// was served: the listeners are not looked at any more. To be called again when those leave to whom one was left.
    void begin_drain(const std::vector<Backlog>& backlogs, Duration idle, std::function<void()> on_closed);
    /// Draining, and no connection is open, or relayed, but those that were answered for the application.
    [[nodiscard]] bool is_drained() const noexcept {
        return draining_ && !sweeping_ && open_ == expired_ && active_relays() == 0;
    }
    /// Before the engine starts: what the application has done while it was imported may change who writes. Null: none.
    void set_access_logs(AccessLog* native, gateway::AccessSink* python) noexcept {
        services_.access_log = native;
        services_.python_access_log = python;
    }
    /// Ends the responses that are still under way: their sources die. GIL held; nothing else runs any more.
    void drop_responses();
    [[nodiscard]] std::size_t open_connections() const noexcept { return open_; }

private:
    struct Acceptor {
        ListenSocket socket;
        std::unique_ptr<EventLoop::Watch> watch;
        Backlog backlog;  // once it drains
    };

    Engine(EngineOptions options, const EngineServices& services, std::vector<ListenSocket> listeners,
           std::unique_ptr<EventLoop> loop);
    static constexpr Duration kSlice = std::chrono::milliseconds(10);
    enum class Accepted { one, none_waiting, paused };
    /// What the last attempt said: `one` when more may wait.
    Accepted accept_from(std::uint32_t listener);
    Accepted accept_one(std::uint32_t listener);
    bool sweep();
    void close_listeners();
    void hasten_sessions();
    std::size_t make_room();
    void pause_accepting();
    void resume_accepting();
    void tick(TimePoint now);
    HttpSession& free_session();
    std::unique_ptr<Stream> make_stream(UniqueFd socket, int family, StreamClient& client);

    // SessionHost
    [[nodiscard]] const ProtocolOptions& options() const override { return options_.protocol; }
    Dispatch& dispatch() override { return *dispatch_; }
    gateway::LogSink& log() override { return *services_.log; }
    AccessLog* access_log() override { return services_.access_log; }
    RequestMetrics* metrics() override { return services_.metrics; }
    gateway::AccessSink* python_access_log() override { return services_.python_access_log; }
    WorkerSlot& slot() override { return *services_.slot; }
    [[nodiscard]] TimePoint now() const override { return Clock::now(); }
    [[nodiscard]] std::string_view http_date() override;
    [[nodiscard]] bool may_keep_alive() const override;
    [[nodiscard]] bool is_stopping() const override { return stopping_.load(std::memory_order_relaxed); }
    [[nodiscard]] Duration idle_time() const override;
    void on_response_done() override;
    void on_session_expired() override { ++expired_; }
    void on_long_turn() override { return_soon(now()); }
    void on_session_closed(HttpSession& session) override;

    EngineOptions options_;
    EngineServices services_;
    std::unique_ptr<EventLoop> loop_;  // before the sessions: their sockets live in it
    std::vector<Acceptor> acceptors_;
    std::vector<std::unique_ptr<HttpSession>> sessions_;
    std::vector<HttpSession*> free_;
    Dispatch* dispatch_ = nullptr;
    std::function<void()> on_response_;
    std::size_t open_ = 0;
    std::size_t expired_ = 0;  // of these
    std::size_t open_at_sleep_ = 0;
    bool keep_alive_ = true;
    bool draining_ = false;
    bool accepting_ = false;
    bool sweeping_ = false;
    bool returns_ = false;  // the current poll() or wait() is to end
    std::atomic<bool> stopping_{false};
    std::function<void()> on_listeners_closed_;
    TimePoint entered_{};  // the current poll() or wait()
    TimePoint accept_again_ = TimePoint::max();
    TimePoint sweep_until_{};
    TimePoint serve_until_{};
    AcceptTrouble trouble_;
    TimePoint next_tick_{};
    Duration drain_idle_{};
    std::int64_t date_second_ = -1;
    std::string date_;
};

}  // namespace gunicorn::server
