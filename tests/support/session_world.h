#pragma once
// An HttpSession with everything around it, in memory.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "server/log/access_log.h"
#include "server/protocol/http_session.h"
#include "server/worker/scoreboard.h"
#include "support/fake_dispatch.h"
#include "support/memory_stream.h"

namespace gunicorn::test {

/// Keeps the lines of levels info and above.
class KeptLines final : public gateway::LogSink {
public:
    std::vector<std::string> lines;
    void write(gateway::LogLevel level, std::string_view message) override {
        if (level >= gateway::LogLevel::info) lines.emplace_back(message);
    }
    [[nodiscard]] bool is_enabled(gateway::LogLevel) const override { return true; }
    void reopen() override {}
};

class SessionWorld final : public server::SessionHost {
public:
    explicit SessionWorld(server::ProtocolOptions options = {}) : options_(std::move(options)), session(*this) {}

private:
    server::ProtocolOptions options_;
    server::WorkerSlot slot_;

public:
    FakeDispatch application;
    KeptLines kept;
    server::AccessLog* access = nullptr;
    server::RequestMetrics* metrics_to = nullptr;
    bool keeps_alive = true;
    bool may_name_client = false;  ///< peers are in proxy_allow_ips
    bool is_tls = false;           ///< connections are encrypted
    int long_turns = 0;
    int responses = 0;  ///< on_response_done()
    int open = 0;       ///< connections
    TimePoint clock{std::chrono::hours(1)};
    server::HttpSession session;

    /// Opens a connection, of which `peer` is the other end. The session must be closed.
    void connect(Peer& peer, bool is_trusted = false) {
        ++open;
        session.open(std::make_unique<MemoryStream>(peer, session),
                     {.remote_address = "192.0.2.1",
                      .remote_port = "4321",
                      .peer_is_trusted = is_trusted,
                      .may_name_client = may_name_client,
                      .is_tls = is_tls},
                     clock);
        check(peer);
    }

    /// One event: of the connection, or of the application; false when nothing can happen but for the peer.
    bool advance(Peer& peer) {
        const bool happened = peer.deliver() || application.step();
        check(peer);
        return happened;
    }
    void settle(Peer& peer) {
        while (advance(peer)) {
        }
    }
    /// Time passes in one step, at the end of which the engine looks at its connections.
    void let_pass(Duration time, Peer& peer) {
        clock += time;
        if (session.is_open()) session.on_tick(clock);
        check(peer);
    }
    /// The deadlines of everything are over.
    void let_time_pass(Peer& peer) { let_pass(std::chrono::hours(1), peer); }

    /// What holds between any two events.
    void check(const Peer& peer) const {
        GN_ASSERT(open == (session.is_open() ? 1 : 0), "a closed session is given back, once");
        GN_ASSERT(!session.is_open() || peer.is_awaited() || application.has_work(),
                  "an open connection waits for something");
        GN_ASSERT(session.is_open() || !application.is_busy(), "a session outlives its answer");
        GN_ASSERT(!peer.was_written_after_failure(), "nothing is sent behind a hole");
    }

    [[nodiscard]] const server::ProtocolOptions& options() const override { return options_; }
    server::Dispatch& dispatch() override { return application; }
    gateway::LogSink& log() override { return kept; }
    server::AccessLog* access_log() override { return access; }
    server::RequestMetrics* metrics() override { return metrics_to; }
    server::WorkerSlot& slot() override { return slot_; }
    [[nodiscard]] TimePoint now() const override { return clock; }
    [[nodiscard]] std::string_view http_date() override { return "Sun, 22 Nov 2026 14:00:00 GMT"; }
    [[nodiscard]] bool may_keep_alive() const override { return keeps_alive; }
    [[nodiscard]] bool is_stopping() const override { return false; }
    [[nodiscard]] Duration idle_time() const override { return std::chrono::seconds(2); }
    void on_response_done() override { ++responses; }
    void on_session_expired() override {}
    void on_long_turn() override { ++long_turns; }
    void on_session_closed(server::HttpSession&) override { --open; }
};

}  // namespace gunicorn::test
