#include "server/status/status_server.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace gunicorn::server {
namespace {

constexpr Duration kPause = std::chrono::seconds(1);

}  // namespace

void StatusServer::add_polls(std::span<const int> listeners, TimePoint now, std::vector<pollfd>& polls) const {
    const bool accepts = now >= accepts_at_;
    for (const int listener : listeners) polls.push_back({accepts ? listener : -1, POLLIN, 0});
    for (const auto& connection : connections_) polls.push_back({connection->fd(), connection->events(), 0});
}

void StatusServer::serve(std::span<const pollfd> polls, TimePoint now) {
    const std::size_t listeners = polls.size() - connections_.size();
    for (std::size_t i = 0; i < connections_.size(); ++i) {
        auto& connection = connections_[i];
        const bool has_news = polls[listeners + i].revents != 0;
        if ((has_news && !connection->advance(answer_, now)) || connection->is_late(now)) connection.reset();
    }
    std::erase(connections_, nullptr);
    for (const pollfd& one : polls.first(listeners)) {
        if (one.revents != 0) accept_from(one.fd, now);
    }
}

/// As many as there is room for in one turn, so that none of them goes before it was heard.
void StatusServer::accept_from(int listener, TimePoint now) {
    for (std::size_t i = 0; i < kMostConnections; ++i) {
        UniqueFd fd(::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (!fd) {
            if (errno == EINTR || errno == ECONNABORTED) continue;
            if (errno != EAGAIN && errno != EWOULDBLOCK) accepts_at_ = now + kPause;
            return;
        }
        auto connection = std::make_unique<StatusConnection>(std::move(fd), now);
        if (!connection->advance(answer_, now)) continue;
        make_room();
        connections_.push_back(std::move(connection));
    }
}

void StatusServer::make_room() {
    if (connections_.size() < kMostConnections) return;
    const auto idle = std::ranges::find_if(connections_, [](const auto& one) { return one->is_idle(); });
    connections_.erase(idle == connections_.end() ? connections_.begin() : idle);
}

}  // namespace gunicorn::server
