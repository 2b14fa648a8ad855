#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "gateway/log_sink.h"
#include "http/header_rules.h"
#include "http/limits.h"
#include "http/proxy_protocol.h"
#include "server/net/trusted_peers.h"

namespace gunicorn::gateway {
class AccessSink;
}

namespace gunicorn::server {

class AccessLog;
class Dispatch;
class HttpSession;
class RequestMetrics;
class WorkerSlot;

/// How long a client may take for what; zero is for ever.
struct ClientLimits {
    std::chrono::seconds header{30};    ///< header_timeout
    std::chrono::seconds body{30};      ///< body_timeout
    std::uint64_t body_min_rate = 240;  ///< bytes a second
    std::chrono::seconds send{60};      ///< send_timeout
};

/// What connections need to know of the settings. One a worker, constant.
struct ProtocolOptions {
    http::Limits limits;
    http::ParsePolicy policy;
    http::HeaderPolicy headers;
    TrustedPeers trusted_peers;  ///< forwarded_allow_ips
    http::ProxyMode proxy_mode = http::ProxyMode::off;
    TrustedPeers proxy_peers;           ///< proxy_allow_ips
    std::string forwarded_for_header;   ///< the list of addresses that tells the client; empty: none does
    std::string script_name;            ///< $SCRIPT_NAME
    std::chrono::seconds keepalive{2};  ///< 0: every response closes its connection
    ClientLimits client_limits;
    std::chrono::seconds request_timeout{0};  ///< for the application; zero is for ever
    std::string upload_directory;             ///< for large bodies; empty: the system's
    std::string server_name = "gunicorn";     ///< the Server field
    bool log_requests = false;                ///< "GET /path" at level debug, the default of the pre_request hook
    bool show_tracebacks = false;             ///< `debug`: error pages say what was raised
};

/// What a connection asks of the worker it lives in.
class SessionHost {
public:
    [[nodiscard]] virtual const ProtocolOptions& options() const = 0;
    virtual Dispatch& dispatch() = 0;
    virtual gateway::LogSink& log() = 0;
    /// Null when there is no native access log.
    virtual AccessLog* access_log() = 0;
    /// Null when nothing goes to statsd.
    virtual RequestMetrics* metrics() = 0;
    /// The access log that is not native, for lines that the WSGI bridge does not write; null when there is none.
    virtual gateway::AccessSink* python_access_log() { return nullptr; }
    virtual WorkerSlot& slot() = 0;
    /// Of deadlines and durations. Any thread.
    [[nodiscard]] virtual TimePoint now() const = 0;
    /// IMF-fixdate of now, made once a second.
    [[nodiscard]] virtual std::string_view http_date() = 0;
    /// Whether a connection may stay open after its response: not while draining or when application calls are long.
    [[nodiscard]] virtual bool may_keep_alive() const = 0;
    /// Any thread: the worker was told to stop, and will drain when its loop comes to it.
    [[nodiscard]] virtual bool is_stopping() const = 0;
    /// For how long an idle kept connection waits from now on; short while draining.
    [[nodiscard]] virtual Duration idle_time() const = 0;
    /// A response was finished (max_requests counts).
    virtual void on_response_done() = 0;
    /// The client of a request was answered for the application, which goes on: nobody waits for this session any more.
    virtual void on_session_expired() = 0;
    /// A connection has had its share for now, and would go on at once: whoever runs the loop may look at other things
    /// first.
    virtual void on_long_turn() = 0;
    /// The session's connection is closed and nothing of it is outstanding: it may be used for another one.
    virtual void on_session_closed(HttpSession& session) = 0;

protected:
    ~SessionHost() = default;
};

}  // namespace gunicorn::server
