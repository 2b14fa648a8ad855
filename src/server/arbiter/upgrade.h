#pragma once
// USR2: the program is executed anew, as a second master that shares the listening sockets. Both serve until somebody ends
// one of them: the old one, and the new one takes its place, or the new one, and everything is as before.

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "gateway/fork_observer.h"
#include "gateway/log_sink.h"
#include "hooks/hook_set.gen.h"
#include "server/arbiter/inherited_sockets.h"
#include "server/arbiter/pidfile.h"
#include "server/arbiter/signals.h"
#include "server/arbiter/start_context.h"
#include "server/arbiter/upgrade_report.h"

namespace gunicorn::server {

/// Both sides of it. A master that was executed by an upgrade may be the old one of the next, once its own old one has gone.
class Upgrade {
public:
    /// All outlive it. `main_process` hears which process is the main one of the service.
    Upgrade(const StartContext& start, gateway::LogSink& log, std::function<void(pid_t)> main_process);

    /// The other masters, as `server` shows them; 0 where there is none.
    [[nodiscard]] pid_t new_master() const noexcept { return new_master_; }
    [[nodiscard]] pid_t old_master() const noexcept { return old_master_; }
    /// Nobody else needs the files of sockets and the pid file.
    [[nodiscard]] bool is_alone() const noexcept;
    /// Whether the service manager is to hear this master: the old one until it has named the new one, which then speaks,
    /// but not of its stop: while the old one can go on, that is no stop of the service.
    [[nodiscard]] bool speaks_for_service(bool is_stopping) const noexcept;
    [[nodiscard]] std::uint64_t begun() const noexcept { return begun_; }
    /// Of these, those whose new master ended: before it was ready or later.
    [[nodiscard]] std::uint64_t undone() const noexcept { return undone_; }
    /// Gunicorn: Arbiter.master_name.
    [[nodiscard]] std::string master_name() const { return old_master_ == 0 ? "Master" : "Master.2"; }

    // The old master.

    /// USR2. The child calls pre_exec. While there is another master: a warning and nothing else. GIL held.
    /// `status_fd`: the socket of the status listener, -1 when there is none.
    void begin(const std::vector<Listener>& listeners, int status_fd, const hooks::HookSet& hooks,
               gateway::ForkObserver& observer, SignalPipe& signals);
    /// Has an event when the other master has something to say; -1 while there is none.
    [[nodiscard]] int report_fd() const noexcept { return report_.get(); }
    void read_report();
    /// Notices the end of the new master.
    void reap();
    /// This one stops. A new master goes on alone, but one that has not been executed ends: it would keep the sockets
    /// and not serve, for as long as pre_exec hangs.
    void end_unexecuted();

    // The new master.

    /// Before the first listener is opened.
    Result<void> adopt_sockets();
    [[nodiscard]] InheritedSockets& sockets() noexcept { return sockets_; }
    [[nodiscard]] InheritedSockets& status_sockets() noexcept { return status_sockets_; }
    /// All listeners are open.
    void finish_sockets();
    /// Where its pid goes as long as the old one has `configured`.
    [[nodiscard]] std::string pidfile_path(const std::string& configured) const;
    /// A worker serves, or none is wanted: the old master hears of it.
    void report_ready();
    /// Notices that the old master has heard of it, and has named this one to the service manager.
    void notice_heard();
    /// True when the old master has gone since the last call. `pidfile` gets the configured path then.
    bool promote(std::optional<Pidfile>& pidfile, const std::string& configured);

    /// In a worker: none of it is its business.
    void become_worker() noexcept;

private:
    struct Child {
        pid_t old_master;
        int report_fd;
        int permit_fd;
        int status_fd;
    };
    [[noreturn]] void become_new_master(const std::vector<Listener>& listeners, const hooks::HookSet& hooks,
                                        const Child& child);

    const StartContext& start_;
    gateway::LogSink& log_;
    std::function<void(pid_t)> main_process_;
    pid_t new_master_ = 0;
    UpgradeReport heard_;  // from the new one
    UniqueFd permit_;      // a byte for whoever takes it first: the new master to be executed, the old one to forbid that
    UniqueFd report_;      // the old master reads, and closes it when it has heard all; the new one writes
    pid_t old_master_ = 0;
    bool has_reported_ = false;
    bool was_heard_ = false;
    InheritedSockets sockets_;
    InheritedSockets status_sockets_;  // one at most
    std::uint64_t begun_ = 0;
    std::uint64_t undone_ = 0;
};

}  // namespace gunicorn::server
