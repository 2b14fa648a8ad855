#include "load/client.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace gunicorn::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t kSourceAddresses = 32;  // so that closed connections in TIME_WAIT never use up the ports

}  // namespace

LoadClient::LoadClient(const LoadPlan& plan)
    : plan_(plan),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      connections_(static_cast<std::size_t>(plan.connections)),
      buffer_(std::size_t{256} << 10U) {
    if (plan.tls) tls_.emplace();
}

LoadReport LoadClient::run() {
    begin_ = Clock::now();
    end_ = begin_ + plan_.length;
    for (Connection& connection : connections_) next(connection);
    for (TimePoint now = begin_; now < end_; now = Clock::now()) {
        hand_out(now);
        wait(end_);
    }
    report_.length = Clock::now() - begin_;
    // Whoever is free now takes what waits; nothing new becomes due.
    const TimePoint last = end_ + plan_.patience;
    while ((outstanding_ > 0 || !waiting_.empty()) && Clock::now() < last) {
        hand_out(Clock::now());
        wait(last);
    }
    for (const Connection& connection : connections_) {
        if (connection.asking && !connection.answered) ++report_.starved;
    }
    if (tls_) {
        report_.handshakes = tls_->handshakes();
        report_.resumed = tls_->resumed();
    }
    return std::move(report_);
}

/// Gives requests that are due to free connections, oldest first.
void LoadClient::hand_out(TimePoint now) {
    if (plan_.rate <= 0) return;
    const auto due_at = [&](std::uint64_t number) {
        const std::chrono::duration<double> behind(static_cast<double>(number) / plan_.rate);
        return begin_ + std::chrono::duration_cast<Duration>(behind);
    };
    for (TimePoint due = due_at(report_.due); due <= now && due < end_; due = due_at(report_.due)) {
        waiting_.push_back(due);
        ++report_.due;
    }
    while (!waiting_.empty() && !idle_.empty()) {
        Connection& connection = *idle_.back();
        idle_.pop_back();
        const TimePoint due = waiting_.front();
        waiting_.pop_front();
        ask(connection, due);
    }
}

/// Handles events until the next request is due, `until` at the latest.
void LoadClient::wait(TimePoint until) {
    if (plan_.rate > 0) {
        const std::chrono::duration<double> next_due(static_cast<double>(report_.due) / plan_.rate);
        if (Clock::now() < end_) until = std::min(until, begin_ + std::chrono::duration_cast<Duration>(next_due));
    }
    const std::int64_t until_then = std::chrono::nanoseconds(until - Clock::now()).count();
    const std::int64_t left = plan_.awake ? 0 : std::max<std::int64_t>(0, until_then);
    const timespec timeout{left / 1'000'000'000, left % 1'000'000'000};
    std::array<epoll_event, 64> events;  // NOLINT(cppcoreguidelines-pro-type-member-init): epoll_pwait2 fills it
    const int count = ::epoll_pwait2(epoll_.get(), events.data(), events.size(), &timeout, nullptr);
    for (int i = 0; i < count; ++i) {
        Connection& connection = *static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
        const std::uint32_t what = events[static_cast<std::size_t>(i)].events;
        connection.connected = connection.connected || (what & EPOLLOUT) != 0;
        if ((what & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) receive(connection);
        if (connection.channel && connection.asking && (what & EPOLLOUT) != 0) send(connection);
    }
}

/// What a connection does when it is free: asks again at once, or waits for its turn.
void LoadClient::next(Connection& connection) {
    if (plan_.rate > 0) {
        idle_.push_back(&connection);
    } else if (Clock::now() < end_) {
        ++report_.due;
        ask(connection, Clock::now());
    }
}

void LoadClient::ask(Connection& connection, TimePoint due) {
    connection.due = due;
    connection.sent = 0;
    connection.asking = true;
    ++outstanding_;
    connection.reader.reset();
    if (!connection.channel && !open(connection)) return fail(connection, report_.refused);
    if (connection.connected) send(connection);
}

bool LoadClient::open(Connection& connection) {
    connection.connected = false;
    const std::uint32_t host = 1 + opened_++ % kSourceAddresses;
    if (!connection.channel.open(plan_.port, host, tls_ ? &*tls_ : nullptr, plan_.resume)) return false;
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLET;
    event.data.ptr = &connection;
    return ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, connection.channel.fd(), &event) == 0;
}

void LoadClient::send(Connection& connection) {
    const std::string& request = plan_.request;
    while (connection.sent < request.size()) {
        const std::string_view rest = std::string_view(request).substr(connection.sent);
        const ssize_t count = connection.channel.send(rest);
        if (count < 0) {
            if (errno != EAGAIN) receive(connection);  // says whether an answer came first
            return;
        }
        connection.sent += static_cast<std::size_t>(count);
    }
}

void LoadClient::receive(Connection& connection) {
    while (connection.channel) {
        const ssize_t count = connection.channel.receive(buffer_);
        if (count < 0 && errno == EAGAIN) return;
        if (count <= 0) {
            // A kept connection that the server ends between two requests is no failure; while it is asked, it is one.
            if (connection.asking) return fail(connection, connection.connected ? report_.broken : report_.refused);
            connection.channel.close();
            return;
        }
        switch (connection.reader.feed({buffer_.data(), static_cast<std::size_t>(count)})) {
            case ResponseReader::State::reading:
                // The next edge tells of more.
                if (static_cast<std::size_t>(count) < buffer_.size() && connection.channel.empty_when_short()) return;
                break;
            case ResponseReader::State::broken: return fail(connection, report_.broken);
            case ResponseReader::State::complete: return finish(connection);
        }
    }
}

void LoadClient::finish(Connection& connection) {
    if (!connection.asking) return fail(connection, report_.broken);  // an answer nobody asked for
    --outstanding_;
    connection.asking = false;
    connection.answered = true;
    report_.latencies.push_back(Clock::now() - connection.due);
    if (!connection.reader.is_ok()) ++report_.bad_status;
    if (plan_.reconnect || connection.reader.closes()) connection.channel.close();
    next(connection);
}

void LoadClient::fail(Connection& connection, std::uint64_t& counter) {
    ++counter;
    const bool asked = std::exchange(connection.asking, false);
    if (asked) --outstanding_;
    connection.channel.close();
    if (!asked || counter > 1000) return;  // a server that is down is not asked for ever
    next(connection);
}

}  // namespace gunicorn::bench
