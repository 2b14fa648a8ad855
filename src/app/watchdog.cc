#include "app/watchdog.h"

#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <optional>
#include <vector>

#include "app/orphans.h"
#include "base/sys.h"
#include "base/unique_fd.h"
#include "server/arbiter/signals.h"

namespace gunicorn::app {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kStackPatience{2};

/// Milliseconds until the deadline as poll() takes them, a minute at most.
int milliseconds_until(Clock::time_point deadline) {
    if (deadline == Clock::time_point::max()) return 60'000;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    return static_cast<int>(std::clamp<long>(left, 0, 60'000));
}

enum class End { by_itself, time_is_up, told_to };

/// Waits until the process has ended (it is still to be waited for), the deadline passes, or a signal comes. Blocks.
End wait_for_end(pid_t child, int signal_fd, Clock::time_point deadline) {
    const UniqueFd handle(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
    while (true) {
        siginfo_t info{};
        if (::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == child) {
            return End::by_itself;
        }
        if (Clock::now() >= deadline) return End::time_is_up;
        std::array<pollfd, 2> entries{{{signal_fd, POLLIN, 0}, {handle.get(), POLLIN, 0}}};
        const int wait = milliseconds_until(deadline);
        ::poll(entries.data(), entries.size(),
               handle ? wait : std::min(wait, 20));  // a kernel without pidfd_open is asked at intervals
        if ((entries[0].revents & POLLIN) != 0) return End::told_to;
    }
}

/// What arrives until the deadline; once something did, until nothing more comes for a moment. Blocks.
std::string read_until(int fd, Clock::time_point deadline) {
    constexpr int kSilence = 100;  // milliseconds
    std::string out;
    std::array<char, 4096> buffer{};
    while (true) {
        pollfd entry{fd, POLLIN, 0};
        const int wait = milliseconds_until(deadline);
        if (::poll(&entry, 1, out.empty() ? wait : std::min(wait, kSilence)) <= 0) return out;
        const ssize_t count = ::read(fd, buffer.data(), buffer.size());
        if (count <= 0) return out;
        out.append(buffer.data(), static_cast<std::size_t>(count));
    }
}

/// What a forked process and its parent share: whether the body came to its end, and with which status.
class SharedOutcome {
public:
    SharedOutcome() : page_(::mmap(nullptr, sizeof(Outcome), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {}
    SharedOutcome(const SharedOutcome&) = delete;
    SharedOutcome& operator=(const SharedOutcome&) = delete;
    ~SharedOutcome() {
        if (is_there()) ::munmap(page_, sizeof(Outcome));
    }
    [[nodiscard]] bool is_there() const noexcept { return page_ != MAP_FAILED; }
    void set(int status) const noexcept {
        outcome().status = status;
        outcome().is_final.store(true);
    }
    [[nodiscard]] std::optional<int> get() const noexcept {
        return outcome().is_final.load() ? std::optional(outcome().status) : std::nullopt;
    }

private:
    struct Outcome {
        int status;
        std::atomic<bool> is_final;  // zero pages are false
    };
    [[nodiscard]] Outcome& outcome() const noexcept { return *static_cast<Outcome*>(page_); }

    void* page_;
};

/// Holds back the signals that would end this process; they can be asked for, and take effect at the end of the scope.
class HeldSignals {
public:
    HeldSignals() {
        sigset_t held;
        ::sigemptyset(&held);
        for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&held, signal);
        ::pthread_sigmask(SIG_BLOCK, &held, &before_);
        fd_.reset(::signalfd(-1, &held, SFD_CLOEXEC | SFD_NONBLOCK));
    }
    HeldSignals(const HeldSignals&) = delete;
    HeldSignals& operator=(const HeldSignals&) = delete;
    ~HeldSignals() { release(); }

    /// Readable when one came; it stays pending.
    [[nodiscard]] int fd() const noexcept { return fd_.get(); }
    void release() const { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

private:
    sigset_t before_{};
    UniqueFd fd_;
};

int wait_for(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

}  // namespace

void die_with_parent(pid_t parent) noexcept {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);  // it is gone already
}

Watched run_watched(const WatchedTask& task, std::chrono::seconds limit) {
    Watched result;
    const auto fail = [&](const Error& error) {
        result.failure = error.message;
        return result;
    };
    auto stack = sys::pipe();
    if (!stack) return fail(stack.error());
    const SharedOutcome outcome;
    if (!outcome.is_there()) return fail(sys::system_error("mmap"));
    const HeldSignals held;
    const std::vector<pid_t> spared = children();
    adopt_orphans();
    std::fflush(nullptr);
    const pid_t parent = ::getpid();
    if (task.before_fork) task.before_fork();
    const pid_t child = ::fork();
    if (child == 0) {
        held.release();
        die_with_parent(parent);
        if (task.after_fork_in_child) task.after_fork_in_child();
        const int status = task.body(stack->write_end.get());
        outcome.set(status);
        if (task.leave) task.leave(status);
        std::fflush(nullptr);
        ::_exit(status);
    }
    if (task.after_fork_in_parent) task.after_fork_in_parent();
    if (child < 0) return fail(sys::system_error("fork"));
    stack->write_end.reset();
    const auto deadline = limit.count() > 0 ? Clock::now() + limit : Clock::time_point::max();
    const End end = wait_for_end(child, held.fd(), deadline);
    if (end == End::time_is_up && !outcome.get()) {
        result.timed_out = true;
        ::kill(child, server::stack_signal());
        result.stack = read_until(stack->read_end.get(), Clock::now() + kStackPatience);
    }
    if (end != End::by_itself) ::kill(child, SIGKILL);
    const int status = wait_for(child);
    end_orphans(spared);
    if (const std::optional<int> finished = outcome.get()) {
        result.finished = true;
        result.status = *finished;
    } else if (WIFEXITED(status)) {
        result.status = WEXITSTATUS(status);
    } else if (WIFSIGNALED(status) && !result.timed_out) {
        result.signal = WTERMSIG(status);
    }
    return result;
}

}  // namespace gunicorn::app
