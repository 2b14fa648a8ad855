#include "server/arbiter/upgrade.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <utility>

#include <fmt/format.h>

#include "base/sys.h"
#include "base/text.h"
#include "server/arbiter/reexec.h"

namespace gunicorn::server {
namespace {

/// `status` is waitpid's; nothing: somebody else waited for it.
std::string describe_end(std::optional<int> status) {
    if (!status) return "has ended";
    if (WIFSIGNALED(*status)) return "was ended by SIG" + text::to_upper(signal_name(WTERMSIG(*status)));
    return fmt::format("exited with code {}", WEXITSTATUS(*status));
}

/// A pipe with one byte in it.
Result<UniqueFd> make_permit() {
    GN_TRY(sys::Pipe pipe, sys::pipe());
    GN_CHECK(sys::write_all(pipe.write_end.get(), "1"));
    return std::move(pipe.read_end);
}

/// True in one process only.
bool take_permit(int fd) {
    char byte = 0;
    return ::read(fd, &byte, 1) == 1;
}

}  // namespace

Upgrade::Upgrade(const StartContext& start, gateway::LogSink& log, std::function<void(pid_t)> main_process)
    : start_(start),
      log_(log),
      main_process_(std::move(main_process)),
      report_(start.inherited.report_fd),
      old_master_(start.inherited.old_master) {}

bool Upgrade::is_alone() const noexcept { return new_master_ == 0 && (old_master_ == 0 || old_master_ != ::getppid()); }

bool Upgrade::speaks_for_service(bool is_stopping) const noexcept {
    if (new_master_ != 0) return !heard_.is_ready;
    return old_master_ == 0 || (was_heard_ && !is_stopping);
}

void Upgrade::begin(const std::vector<Listener>& listeners, int status_fd, const hooks::HookSet& hooks,
                    gateway::ForkObserver& observer, SignalPipe& signals) {
    if (new_master_ != 0) return log_.warning("USR2 signal ignored. Child exists.");
    if (old_master_ != 0) return log_.warning("USR2 signal ignored. Parent exists.");
    auto report = sys::pipe();
    if (!report) return log_.error("Upgrade given up: " + report.error().message);
    auto permit = make_permit();
    if (!permit) return log_.error("Upgrade given up: " + permit.error().message);
    const pid_t self = ::getpid();
    observer.before_fork();
    pid_t pid = -1;
    int fork_error = 0;
    {
        const BlockedSignals blocked;
        pid = ::fork();
        fork_error = errno;
        if (pid == 0) signals.restore();
    }
    if (pid == 0) {
        observer.after_fork_in_child();
        become_new_master(listeners, hooks, {self, report->write_end.get(), permit->get(), status_fd});
    }
    observer.after_fork_in_parent();
    if (pid < 0) return log_.error("Upgrade given up: " + sys::system_error("fork", fork_error).message);
    new_master_ = pid;
    ++begun_;
    heard_ = {};
    report_ = std::move(report->read_end);
    permit_ = *std::move(permit);
    log_.info(fmt::format("Upgrade: starting a new master (pid:{}): {}", pid, start_.program));
}

void Upgrade::become_new_master(const std::vector<Listener>& listeners, const hooks::HookSet& hooks, const Child& child) {
    // It has the listening sockets: clients would wait for a process that is nobody's and does not serve.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != child.old_master) ::_exit(1);
    if (auto called = hooks.pre_exec(gateway::ServerView{}); !called) {
        const Error& error = called.error();
        if (error.kind != ErrorKind::system_exit) log_.error("Exception in pre_exec hook\n" + error.message);
        ::_exit(error.kind == ErrorKind::system_exit ? error.code : 1);
    }
    if (!take_permit(child.permit_fd)) ::_exit(1);
    ::prctl(PR_SET_PDEATHSIG, 0);  // outlives execve
    log_.error("The new master cannot be executed: " +
               execute_anew(start_, listeners, child.status_fd, child.old_master, child.report_fd).message);
    ::_exit(1);
}

void Upgrade::read_report() {
    if (new_master_ == 0 || !report_) return;
    if (heard_.read(report_.get())) return;
    if (heard_.is_ready) {
        log_.info(fmt::format("Upgrade: the new master (pid:{}) is ready", new_master_));
        if (main_process_) main_process_(new_master_);
    }
    report_.reset();  // the new one sees that it was heard
}

void Upgrade::reap() {
    if (new_master_ == 0) return;
    int status = 0;
    const pid_t pid = ::waitpid(new_master_, &status, WNOHANG);
    if (pid == 0 || (pid < 0 && errno != ECHILD)) return;
    read_report();
    const std::string end =
        fmt::format("the new master (pid:{}) {}", new_master_, describe_end(pid > 0 ? std::optional(status) : std::nullopt));
    if (heard_.is_ready) {
        log_.warning("Upgrade undone: " + end + "; this one goes on.");
        if (main_process_) main_process_(::getpid());
    } else {
        const std::string_view messages = text::trim(heard_.messages);
        log_.error("Upgrade given up: " + end + " before it was ready; this one goes on." +
                   (messages.empty() ? "" : fmt::format(" It said:\n{}", messages)));
    }
    report_.reset();
    permit_.reset();
    new_master_ = 0;
    ++undone_;
}

void Upgrade::end_unexecuted() {
    if (new_master_ == 0 || !take_permit(permit_.get())) return;
    log_.warning(
        fmt::format("Upgrade given up: the new master (pid:{}) is not executed yet, and this one stops.", new_master_));
    static_cast<void>(::kill(new_master_, SIGKILL));
    report_.reset();
    permit_.reset();
    new_master_ = 0;
}

Result<void> Upgrade::adopt_sockets() {
    GN_TRY(sockets_, InheritedSockets::adopt(start_.inherited));
    if (start_.inherited.status_fd < 0) return {};
    GN_TRY(status_sockets_, InheritedSockets::adopt({.descriptors = {start_.inherited.status_fd}}));
    return {};
}

void Upgrade::finish_sockets() {
    for (InheritedSockets* sockets : {&sockets_, &status_sockets_}) {
        for (const std::string& name : sockets->close_rest()) {
            log_.info("Upgrade: " + name + " is not configured any more; only the old master serves there.");
        }
    }
}

std::string Upgrade::pidfile_path(const std::string& configured) const {
    return old_master_ == 0 ? configured : configured + ".2";
}

void Upgrade::report_ready() {
    if (old_master_ == 0 || !report_ || std::exchange(has_reported_, true)) return;
    server::report_ready(report_.get());
}

void Upgrade::notice_heard() {
    if (old_master_ == 0 || !report_) return;
    pollfd reader{report_.get(), 0, 0};
    if (::poll(&reader, 1, 0) <= 0) return;
    was_heard_ = has_reported_;
    report_.reset();
}

/// Gunicorn: Arbiter.maybe_promote_master.
bool Upgrade::promote(std::optional<Pidfile>& pidfile, const std::string& configured) {
    if (old_master_ == 0 || old_master_ == ::getppid()) return false;
    log_.info("Master has been promoted.");
    if (pidfile) {
        if (auto renamed = pidfile->rename(configured, old_master_); !renamed) {
            log_.error("The pid file stays " + pidfile->path() + ": " + renamed.error().message);
        }
    }
    old_master_ = 0;
    report_.reset();
    sockets_.remove_files();
    status_sockets_.remove_files();
    return true;
}

void Upgrade::become_worker() noexcept {
    report_.reset();
    permit_.reset();
}

}  // namespace gunicorn::server
