#pragma once
// What a service manager is told, by the protocol of sd_notify(3): a datagram of NAME=value lines to the unix socket that
// NOTIFY_SOCKET names.

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "gateway/log_sink.h"
#include "server/arbiter/plan.h"
#include "server/arbiter/process_table.h"

namespace gunicorn::server {

struct NotifyAddress {
    sockaddr_un name{};
    socklen_t length = 0;
};
/// An absolute path, or with '@' in front a name of the abstract namespace. Nothing for anything else, or what is too long.
[[nodiscard]] std::optional<NotifyAddress> parse_notify_socket(std::string_view text) noexcept;

/// What the environment says about the service manager that started us.
struct ServiceManager {
    std::string socket;    ///< as it was written; empty: nobody wants to be told
    Duration watchdog{0};  ///< it expects a sign of life within this; 0: it does not watch

    /// NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, each null when it is not set. The watchdog is for `process` alone, or
    /// for anybody when WATCHDOG_PID is not set (sd_watchdog_enabled(3)).
    [[nodiscard]] static ServiceManager read(const char* socket, const char* watchdog_usec, const char* watchdog_pid,
                                             pid_t process);
    /// The same, from the environment of this process.
    [[nodiscard]] static ServiceManager of_environment();
};

/// What of the master interests a service manager.
struct ServiceState {
    std::size_t ready = 0;   ///< workers that serve
    std::size_t all = 0;     ///< workers in whatever state
    std::size_t wanted = 0;  ///< workers
    bool is_stopping = false;

    [[nodiscard]] static ServiceState of(const ProcessTable& workers, const Policy& policy) noexcept;
    /// A worker serves, or none is wanted.
    [[nodiscard]] bool is_serving() const noexcept { return !is_stopping && (ready > 0 || wanted == 0); }
    /// The text behind STATUS=: "4 workers", "1 of 4 workers ready", "Stopping; 2 workers left".
    [[nodiscard]] std::string text() const;
    bool operator==(const ServiceState&) const = default;
};

/// Tells the service manager how the master is. Only the master's loop calls it, so that a master that hangs falls silent.
/// Nothing here blocks or fails: what the socket has no room for is sent at the next tick, and of a socket that cannot be
/// used one warning speaks. Without a NOTIFY_SOCKET everything does nothing. Holds no descriptor between calls, so that a
/// worker has nothing of it.
class ServiceNotifier {
public:
    /// `log` outlives it.
    ServiceNotifier(ServiceManager manager, gateway::LogSink& log);

    /// Once in each round of the master's loop: READY=1 as soon as a worker serves, or none is wanted; STATUS when the
    /// workers changed; STOPPING=1 once; WATCHDOG=1 at half of its time. Until READY=1, and while a reload is under way,
    /// EXTEND_TIMEOUT_USEC: how long that may take is the business of our own timeouts.
    void tick(const ServiceState& state, TimePoint now);
    /// HUP is acted on: RELOADING=1. Before READY=1 it says nothing.
    void reloading(TimePoint now);
    /// The reload is over: READY=1, with `outcome` ("Reload complete") in the STATUS. Says nothing unless it was reloading.
    void reloaded(std::string_view outcome);
    /// Another process is the main one of the service from now on (an upgrade). Said even while silent.
    void main_process(pid_t pid);
    /// Whether another master speaks for the service (an upgrade). With NotifyAccess=all a service manager believes each of
    /// them, so that STOPPING=1 of one would be the end of both. Who speaks again says how it is from the start.
    void be_silent(bool silent);

    /// How long the loop may sleep for our sake.
    [[nodiscard]] Duration until_due(TimePoint now) const noexcept;

private:
    void tell(std::string message);
    void flush();
    void extend(TimePoint now);

    ServiceManager manager_;
    std::optional<NotifyAddress> address_;
    gateway::LogSink& log_;
    std::deque<std::string> unsent_;
    ServiceState told_;
    bool is_ready_ = false;
    bool is_reloading_ = false;
    bool is_silent_ = false;
    bool is_broken_ = false;  // and the log says so
    std::optional<TimePoint> watchdog_at_;
    std::optional<TimePoint> extended_at_;
};

}  // namespace gunicorn::server
