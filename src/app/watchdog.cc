#include "app/watchdog.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <vector>

#include "base/sys.h"
#include "base/text.h"
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

std::vector<pid_t> children_of(pid_t parent) {
    std::vector<pid_t> found;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
        const std::string name = entry.path().filename().string();
        pid_t pid = 0;
        if (std::from_chars(name.data(), name.data() + name.size(), pid).ec != std::errc()) continue;
        const auto stat = sys::read_file(entry.path().string() + "/stat");
        if (!stat) continue;
        const std::size_t close = stat->rfind(')');
        const auto fields = text::split(std::string_view(*stat).substr(std::min(close + 2, stat->size())), ' ');
        if (fields.size() > 1 && fields[1] == std::to_string(parent)) found.push_back(pid);
    }
    return found;
}

/// As the subreaper of the check we inherit what it left behind, and what that left behind.
void end_descendants() {
    while (true) {
        const std::vector<pid_t> left = children_of(::getpid());
        if (left.empty()) return;
        for (const pid_t pid : left) ::kill(pid, SIGKILL);
        for (const pid_t pid : left) {
            while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
            }
        }
    }
}

int wait_for(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

}  // namespace

int stack_signal() noexcept { return SIGRTMIN + 3; }

Watched run_watched(const std::function<int(int stack_fd)>& body, std::chrono::seconds limit) {
    Watched result;
    const auto fail = [&](const Error& error) {
        result.failure = error.message;
        return result;
    };
    auto stack = sys::pipe();
    if (!stack) return fail(stack.error());
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    std::fflush(nullptr);
    const pid_t child = ::fork();
    if (child < 0) return fail(sys::system_error("fork"));
    if (child == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        const int status = body(stack->write_end.get());
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
    end_descendants();
    ::prctl(PR_SET_CHILD_SUBREAPER, 0);
    if (WIFEXITED(status)) result.status = WEXITSTATUS(status);
    if (WIFSIGNALED(status) && !result.timed_out) result.signal = WTERMSIG(status);
    return result;
}

}  // namespace gunicorn::app
