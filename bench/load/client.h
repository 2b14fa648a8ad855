#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/unique_fd.h"
#include "load/channel.h"
#include "load/response_reader.h"
#include "load/tls_client.h"

namespace gunicorn::bench {

struct LoadPlan {
    std::uint16_t port = 0;
    int connections = 64;
    Duration length = std::chrono::seconds(1);
    /// Requests a second, due at even intervals whatever the server does; 0: each connection asks again when it was
    /// answered.
    double rate = 0;
    /// How long an answer may take; what is outstanding that long after the end has failed.
    Duration patience = std::chrono::seconds(2);
    /// A new connection for each request.
    bool reconnect = false;
    /// Never sleeps: to wake a client on the same machine costs the server what one elsewhere would not.
    bool awake = false;
    bool tls = false;
    /// Each new connection of a slot resumes the TLS session of the one before it.
    bool resume = false;
    std::string request;
};

struct LoadReport {
    std::uint64_t due = 0;         // requests that should have been answered
    std::uint64_t refused = 0;     // connections that could not be made
    std::uint64_t broken = 0;      // ended, or unreadable, in a response
    std::uint64_t bad_status = 0;  // not 200
    std::uint64_t starved = 0;     // connections that saw no answer at all
    std::uint64_t handshakes = 0;  // of TLS, completed
    std::uint64_t resumed = 0;     // of these, those in which the server took the session
    Duration length{};
    /// Of each answered request; at a fixed rate from the moment it was due, so that waiting for a connection counts.
    std::vector<Duration> latencies;
};

/// One thread, one epoll, loopback only. Sockets are registered once, edge-triggered: one recv and one send a request.
class LoadClient {
public:
    explicit LoadClient(const LoadPlan& plan);
    LoadReport run();

private:
    struct Connection {
        Channel channel;
        ResponseReader reader;
        TimePoint due;
        std::size_t sent = 0;
        bool connected = false;
        bool asking = false;    // a request is under way
        bool answered = false;  // at least once
    };

    void ask(Connection& connection, TimePoint due);
    bool open(Connection& connection);
    void send(Connection& connection);
    void receive(Connection& connection);
    void finish(Connection& connection);
    void fail(Connection& connection, std::uint64_t& counter);
    void next(Connection& connection);
    void hand_out(TimePoint now);
    void wait(TimePoint until);

    const LoadPlan& plan_;
    LoadReport report_;
    std::optional<TlsClient> tls_;
    UniqueFd epoll_;
    std::vector<Connection> connections_;
    std::vector<Connection*> idle_;
    std::deque<TimePoint> waiting_;  // due, and no connection was free
    std::vector<char> buffer_;
    std::uint32_t opened_ = 0;
    std::size_t outstanding_ = 0;
    TimePoint begin_;
    TimePoint end_;
};

}  // namespace gunicorn::bench
