#include "server/worker/engine.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

#include "base/sys.h"
#include "http/http_date.h"
#include "server/net/address.h"
#include "server/net/listen_queue.h"
#include "server/protocol/dispatch.h"
#include "server/statsd/request_metrics.h"
#include "server/worker/scoreboard.h"

namespace gunicorn::server {
namespace {

constexpr int kAcceptBatch = 64;
constexpr auto kAcceptPause = std::chrono::milliseconds(250);  // when there is no room for another connection
constexpr auto kRest = std::chrono::milliseconds(100);         // who idles for less may have a request on its way
constexpr auto kTick = std::chrono::milliseconds(500);
constexpr auto kDrainTick = std::chrono::milliseconds(50);
constexpr auto kUnspokenGrace = kDrainTick;  // for a deferred client to speak, once the server stops

gateway::ConnectionInfo describe(const sockaddr_storage& peer, std::uint32_t listener, const ProtocolOptions& options) {
    gateway::ConnectionInfo info;
    info.listener = listener;
    const auto ip_address = ip_address_of(reinterpret_cast<const sockaddr*>(&peer));
    info.peer_is_trusted = options.trusted_peers.trusts(ip_address);
    info.may_name_client = options.proxy_mode != http::ProxyMode::off && options.proxy_peers.trusts(ip_address);
    char text[INET6_ADDRSTRLEN];
    if (peer.ss_family == AF_INET) {
        const auto& address = reinterpret_cast<const sockaddr_in&>(peer);
        info.remote_address = ::inet_ntop(AF_INET, &address.sin_addr, text, sizeof text);
        info.remote_port = std::to_string(ntohs(address.sin_port));
    } else if (peer.ss_family == AF_INET6) {
        const auto& address = reinterpret_cast<const sockaddr_in6&>(peer);
        info.remote_address = ::inet_ntop(AF_INET6, &address.sin6_addr, text, sizeof text);
        info.remote_port = std::to_string(ntohs(address.sin6_port));
    }
    return info;
}

}  // namespace

Engine::Engine(EngineOptions options, const EngineServices& services, std::vector<ListenSocket> listeners,
               std::unique_ptr<EventLoop> loop)
    : options_(std::move(options)), services_(services), loop_(std::move(loop)) {
    for (const ListenSocket& listener : listeners) acceptors_.push_back({listener, nullptr, Backlog::leave});
}

Engine::~Engine() = default;

Result<std::unique_ptr<Engine>> Engine::create(EngineOptions options, const EngineServices& services,
                                               std::vector<ListenSocket> listeners) {
    GN_TRY(std::unique_ptr<EventLoop> loop, EventLoop::create());
    return std::unique_ptr<Engine>(new Engine(std::move(options), services, std::move(listeners), std::move(loop)));
}

Result<void> Engine::start() {
    accepting_ = true;
    for (std::uint32_t i = 0; i < acceptors_.size(); ++i) {
        if (acceptors_[i].socket.family != AF_UNIX) {
            const int on = 1;  // accepted sockets inherit it
            ::setsockopt(acceptors_[i].socket.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            defer_accept(acceptors_[i].socket.fd, true);
        }
        GN_TRY(acceptors_[i].watch, loop_->watch_shared(acceptors_[i].socket.fd, [this, i] { accept_from(i); }));
    }
    return {};
}

std::size_t Engine::poll() {
    entered_ = Clock::now();
    returns_ = false;
    tick(entered_);  // first: what it ends is ready to run now
    const bool more_wait = sweeping_ && sweep();
    const std::size_t ran = loop_->poll();
    const bool has_answers = dispatch_->end_turn() == Duration::zero();
    return ran + (more_wait || has_answers ? 1 : 0);
}

std::size_t Engine::wait(Duration most) {
    entered_ = Clock::now();
    returns_ = false;
    // Kept connections are spread over the workers; others may all go to the one whose caches are warm.
    if (open_ > open_at_sleep_) loop_->let_others_first();
    open_at_sleep_ = open_;
    const Duration step = draining_ ? Duration(kDrainTick) : Duration(kTick);
    if (open_ > 0 || draining_ || !accepting_) most = std::min(most, step);
    most = std::min(most, dispatch_->end_turn());
    if (services_.metrics != nullptr) most = std::min(most, services_.metrics->on_sleep(entered_));
    return loop_->wait(most);
}

void Engine::tick(TimePoint now) {
    if (now < next_tick_) return;
    next_tick_ = now + (draining_ ? Duration(kDrainTick) : Duration(kTick)) / 2;
    for (std::size_t i = 0; i < sessions_.size(); ++i) {
        if (!sessions_[i]->is_open()) continue;
        // Who was in its handshake when the listeners closed may be idle by now.
        if (draining_ && !sweeping_) sessions_[i]->hasten(now + drain_idle_);
        sessions_[i]->on_tick(now);
    }
    if (now >= accept_again_) resume_accepting();
    trouble_.on_tick(now, *services_.log);
}

// A connection is served as soon as it is accepted, before the next one is taken: with inline dispatch a worker accepts only
// while it is free to serve.
Engine::Accepted Engine::accept_from(std::uint32_t listener) {
    for (int i = 0; i < kAcceptBatch && (accepting_ || sweeping_); ++i) {
        if (i > 0 && (returns_ || Clock::now() - entered_ >= kSlice)) return Accepted::one;
        const Accepted accepted = accept_one(listener);
        if (accepted != Accepted::one) return accepted;
    }
    return Accepted::one;
}

Engine::Accepted Engine::accept_one(std::uint32_t listener) {
    if (open_ >= options_.most_connections) {
        make_room();
        pause_accepting();
        return Accepted::paused;
    }
    sockaddr_storage peer{};
    socklen_t length = sizeof peer;
    const int fd =
        ::accept4(acceptors_[listener].socket.fd, reinterpret_cast<sockaddr*>(&peer), &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        const int code = errno;
        switch (judge_accept_error(code)) {
            case AcceptFailure::none_waiting: return Accepted::none_waiting;
            case AcceptFailure::connection_lost: return Accepted::one;
            case AcceptFailure::no_room: break;
        }
        trouble_.on_no_room(code, open_, Clock::now(), *services_.log);
        if (make_room() > 0) return Accepted::one;
        pause_accepting();
        return Accepted::paused;
    }
    UniqueFd socket(fd);
    const int family = acceptors_[listener].socket.family;
    if (family == AF_UNIX) peer.ss_family = AF_UNIX;
    ++open_;
    services_.slot->connection_accepted();
    HttpSession& session = free_session();
    gateway::ConnectionInfo info = describe(peer, listener, options_.protocol);
    info.is_tls = services_.tls != nullptr || services_.tls_channels != nullptr;
    session.open(make_stream(std::move(socket), family, session), std::move(info), Clock::now());
    return Accepted::one;
}

std::unique_ptr<Stream> Engine::make_stream(UniqueFd socket, int family, StreamClient& client) {
    if (services_.tls != nullptr) return make_tls_stream(*loop_, std::move(socket), family, client, *services_.tls);
    if (services_.tls_channels != nullptr) {
        return make_channel_stream(*loop_, std::move(socket), family, client, *services_.tls_channels, options_.ragged_ends);
    }
    return make_plain_stream(*loop_, std::move(socket), family, client);
}

HttpSession& Engine::free_session() {
    if (free_.empty()) {
        sessions_.push_back(std::make_unique<HttpSession>(*this));
        return *sessions_.back();
    }
    HttpSession* session = free_.back();
    free_.pop_back();
    return *session;
}

void Engine::on_session_closed(HttpSession& session) {
    free_.push_back(&session);
    if (session.is_expired()) --expired_;
    --open_;
    services_.slot->connection_closed();
    if (!accepting_) resume_accepting();
}

/// Closes connections on which nothing has happened for a while, the oldest first, so that newcomers are served. Answers how
/// many.
std::size_t Engine::make_room() {
    const TimePoint latest = Clock::now() - kRest;
    std::vector<HttpSession*> idle;
    for (const auto& session : sessions_) {
        if (session->is_idle() && session->idle_since() <= latest) idle.push_back(session.get());
    }
    // A few at a time: it is as much work to find one.
    const auto end = idle.begin() + static_cast<std::ptrdiff_t>(std::min(idle.size(), 1 + idle.size() / 8));
    std::partial_sort(idle.begin(), end, idle.end(),
                      [](const HttpSession* a, const HttpSession* b) { return a->idle_since() < b->idle_since(); });
    const auto closed = std::count_if(idle.begin(), end, [](HttpSession* session) { return session->give_way(); });
    return static_cast<std::size_t>(closed);
}

/// Until a connection is closed, or for a moment.
void Engine::pause_accepting() {
    accepting_ = false;
    accept_again_ = Clock::now() + kAcceptPause;
    for (Acceptor& acceptor : acceptors_) {
        if (acceptor.watch) acceptor.watch->pause();
    }
}

void Engine::resume_accepting() {
    accept_again_ = TimePoint::max();
    if (draining_) return;
    accepting_ = true;
    for (Acceptor& acceptor : acceptors_) acceptor.watch->resume();
}

void Engine::begin_drain(const std::vector<Backlog>& backlogs, Duration idle, std::function<void()> on_closed) {
    draining_ = true;
    drain_idle_ = idle;
    next_tick_ = {};
    accepting_ = false;
    accept_again_ = TimePoint::max();
    on_listeners_closed_ = std::move(on_closed);
    sweep_until_ = Clock::now();
    serve_until_ = sweep_until_ + options_.serve_limit;
    for (std::size_t i = 0; i < acceptors_.size(); ++i) {
        Acceptor& acceptor = acceptors_[i];
        acceptor.backlog = backlogs.at(i);
        if (acceptor.backlog == Backlog::leave) {
            acceptor.watch->pause();
            continue;
        }
        acceptor.watch->resume();
        sweeping_ = true;
        if (acceptor.backlog == Backlog::finish) keep_newcomers_out(acceptor.socket.fd, acceptor.socket.family);
        if (acceptor.socket.family == AF_UNIX) continue;
        // Newcomers come at once from now on; those that the kernel still holds back get the time to say something. Where
        // another server has the socket as well, its next worker defers again.
        defer_accept(acceptor.socket.fd, false);
        sweep_until_ = Clock::now() + kUnspokenGrace;
    }
    if (!sweeping_) hasten_sessions();
}

/// A connection that the kernel has taken for us is a request we can serve: refusing it now would lose it. True when there
/// may be more of them.
bool Engine::sweep() {
    const TimePoint now = Clock::now();
    bool all_empty = true;
    bool more_wait = false;
    for (std::uint32_t i = 0; i < acceptors_.size(); ++i) {
        if (acceptors_[i].backlog == Backlog::leave) continue;
        if (acceptors_[i].backlog == Backlog::serve && now >= serve_until_) continue;
        const Accepted last = accept_from(i);
        // Without room and without a connection of ours that could make some, nothing gets better.
        all_empty = all_empty && (last == Accepted::none_waiting || (last == Accepted::paused && open_ == 0));
        more_wait = more_wait || last == Accepted::one;
    }
    if (all_empty && now >= sweep_until_) close_listeners();
    return more_wait;
}

void Engine::close_listeners() {
    sweeping_ = false;
    for (Acceptor& acceptor : acceptors_) acceptor.watch.reset();
    acceptors_.clear();
    hasten_sessions();
    on_listeners_closed_();
}

void Engine::hasten_sessions() {
    const TimePoint deadline = Clock::now() + drain_idle_;
    for (const auto& session : sessions_) {
        if (session->is_open()) session->hasten(deadline);
    }
}

void Engine::drop_responses() {
    for (const auto& session : sessions_) session->source.reset();
}

std::string_view Engine::http_date() {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
    if (now.tv_sec != date_second_) {
        date_second_ = now.tv_sec;
        date_.clear();
        http::append_http_date(now.tv_sec, date_);
    }
    return date_;
}

bool Engine::may_keep_alive() const {
    return keep_alive_ && !draining_ && !is_stopping() && !services_.slot->server_drains() &&
           options_.protocol.keepalive.count() > 0;
}

Duration Engine::idle_time() const { return draining_ ? drain_idle_ : Duration(options_.protocol.keepalive); }

void Engine::on_response_done() {
    if (on_response_) on_response_();
}

}  // namespace gunicorn::server
