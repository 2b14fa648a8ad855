#include "server/arbiter/daemonize.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>

#include "base/sys.h"

namespace gunicorn::server {
namespace {

constexpr mode_t kMask = 022;

struct Channel {
    UniqueFd starter;
    UniqueFd daemon;
};

/// A socket pair, since a daemon whose starter was killed must get an error and no SIGPIPE.
Result<Channel> make_channel() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return Unexpected{sys::system_error("socketpair")};
    return Channel{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

void lead_to_null(int stream, StandardStreams streams) noexcept {
    if (stream != STDIN_FILENO && streams == StandardStreams::inherited && ::isatty(stream) == 0) return;
    const UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
    if (null) ::dup2(null.get(), stream);
}

/// The process between starter and daemon: its end leaves the daemon to init, and not as leader of the session, so that no
/// terminal can become its own.
[[noreturn]] void leave_middle(pid_t daemon) {
    if (daemon < 0) std::perror("fork");
    ::_exit(daemon < 0 ? 1 : 0);
}

/// Not Python's handlers: nothing runs Python here any more.
void obey_signals() noexcept {
    for (const int signo : {SIGINT, SIGTERM, SIGQUIT, SIGHUP}) ::signal(signo, SIG_DFL);
}

}  // namespace

int wait_for_daemon(int daemon) noexcept {
    for (;;) {
        unsigned char status = 0;
        const ssize_t count = ::recv(daemon, &status, 1, 0);
        if (count == 1) return status;
        if (count == 0 || errno != EINTR) return 1;
    }
}

Result<Daemon> Daemon::start(gateway::ForkObserver& observer, StandardStreams streams,
                             const std::function<void(int status)>& tell_failure) {
    GN_TRY(Channel channel, make_channel());
    observer.before_fork();
    const pid_t middle = ::fork();
    if (middle < 0) {
        const Error error = sys::system_error("fork");
        observer.after_fork_in_parent();
        return Unexpected{error};
    }
    if (middle > 0) {
        obey_signals();
        channel.daemon.reset();
        while (::waitpid(middle, nullptr, 0) < 0 && errno == EINTR) {
        }
        const int status = wait_for_daemon(channel.starter.get());
        if (status != 0) tell_failure(status);
        ::_exit(status);
    }
    ::setsid();
    if (const pid_t daemon = ::fork(); daemon != 0) leave_middle(daemon);
    observer.after_fork_in_child();
    channel.starter.reset();
    ::umask(::umask(kMask) | kMask);
    lead_to_null(STDIN_FILENO, streams);
    lead_to_null(STDOUT_FILENO, streams);
    return Daemon(std::move(channel.daemon), streams);
}

Daemon::Daemon(UniqueFd starter, StandardStreams streams)
    : starter_(std::move(starter)), streams_(streams), process_(::getpid()) {}

void Daemon::ready() noexcept {
    if (!starter_) return;
    tell_starter(0);
    lead_to_null(STDERR_FILENO, streams_);
}

void Daemon::ended(int status) noexcept {
    if (starter_) tell_starter(status);
}

void Daemon::tell_starter(int status) noexcept {
    const auto byte = static_cast<unsigned char>(status);
    // The starter may be gone. A worker has no say: its master may be dead already.
    if (::getpid() == process_) [[maybe_unused]]
        const ssize_t sent = ::send(starter_.get(), &byte, 1, MSG_NOSIGNAL);
    starter_.reset();
}

}  // namespace gunicorn::server
