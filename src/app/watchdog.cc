#include "app/watchdog.h"

#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

#include "app/orphans.h"
#include "base/sys.h"
#include "base/unique_fd.h"

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

/// True once the process has ended; it is still to be waited for. Blocks until then or until the deadline.
bool has_ended_by(pid_t child, Clock::time_point deadline) {
    const UniqueFd handle(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
    while (true) {
        siginfo_t info{};
        if (::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == child) return true;
        if (Clock::now() >= deadline) return false;
        pollfd entry{handle.get(), POLLIN, 0};
        const int wait = milliseconds_until(deadline);
        ::poll(&entry, handle ? 1 : 0, handle ? wait : std::min(wait, 20));  // a kernel without pidfd_open is asked at intervals
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

/// A flag that a forked process and its parent share.
class SharedFlag {
public:
    SharedFlag() : page_(::mmap(nullptr, 1, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {}
    SharedFlag(const SharedFlag&) = delete;
    SharedFlag& operator=(const SharedFlag&) = delete;
    ~SharedFlag() {
        if (page_ != MAP_FAILED) ::munmap(page_, 1);
    }
    void raise() const {
        if (page_ != MAP_FAILED) *static_cast<volatile char*>(page_) = 1;
    }
    [[nodiscard]] bool is_raised() const { return page_ == MAP_FAILED || *static_cast<volatile char*>(page_) == 1; }

private:
    void* page_;
};

int wait_for(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

}  // namespace

int stack_signal() noexcept { return SIGRTMIN + 3; }

Watched run_watched(const std::function<int(int stack_fd)>& body, const std::function<void(int status)>& leave,
                    std::chrono::seconds limit) {
    Watched result;
    const auto fail = [&](const Error& error) {
        result.failure = error.message;
        return result;
    };
    auto stack = sys::pipe();
    if (!stack) return fail(stack.error());
    const SharedFlag finished;
    adopt_orphans();
    std::fflush(nullptr);
    const pid_t child = ::fork();
    if (child < 0) return fail(sys::system_error("fork"));
    if (child == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        const int status = body(stack->write_end.get());
        finished.raise();
        leave(status);
        std::fflush(nullptr);
        ::_exit(status);
    }
    stack->write_end.reset();
    const auto deadline = limit.count() > 0 ? Clock::now() + limit : Clock::time_point::max();
    if (!has_ended_by(child, deadline)) {
        result.timed_out = true;
        ::kill(child, stack_signal());
        result.stack = read_until(stack->read_end.get(), Clock::now() + kStackPatience);
        ::kill(child, SIGKILL);
    }
    const int status = wait_for(child);
    end_orphans();
    result.finished = finished.is_raised();
    if (WIFEXITED(status)) result.status = WEXITSTATUS(status);
    if (WIFSIGNALED(status) && !result.timed_out) result.signal = WTERMSIG(status);
    return result;
}

}  // namespace gunicorn::app
