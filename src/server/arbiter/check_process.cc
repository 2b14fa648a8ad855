#include "server/arbiter/check_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>

#include "base/text.h"
#include "server/arbiter/reload_check.h"
#include "server/arbiter/signals.h"

namespace gunicorn::server {
namespace {

constexpr auto kLeaderPatience = std::chrono::seconds(5);
/// The check has the same limit, and needs a moment to say where it hung.
constexpr auto kReportPatience = std::chrono::seconds(5);
constexpr int kCannotStart = 127;  // as a shell's

/// The service manager's, for this master alone (sd_notify(3), sd_listen_fds(3)).
constexpr std::array kServiceVariables{"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDNAMES"};

/// Not what belongs to this master's life.
bool is_for_check(std::string_view entry) {
    const std::string_view name = entry.substr(0, entry.find('='));
    return std::ranges::find(kServiceVariables, name) == kServiceVariables.end() &&
           std::ranges::find(kInheritanceVariables, name) == kInheritanceVariables.end();
}

ReloadCheck reload_check(const StartContext& context) {
    ReloadCheck check{.master = ::getpid()};
    if (context.inherited.by_systemd) check.systemd_sockets = context.inherited.descriptors;
    return check;
}

/// Everything that the processes behind the fork need: between fork and exec nothing may allocate.
struct Plan {
    const char* program;
    char** arguments;
    char** environment;
    const char* directory;
    std::vector<PassedDescriptor> passed;  // `fd` above every `number`
    int status_fd;
    int output_fd;
    std::vector<int> kept;  // all of these descriptors, ascending
};

[[noreturn]] void say_and_leave(const char* what, int code) {
    const char* reason = ::strerrordesc_np(code);
    for (const char* part : {what, ": ", reason != nullptr ? reason : "", "\n"}) {
        [[maybe_unused]] const auto written = ::write(2, part, std::strlen(part));
    }
    ::_exit(kCannotStart);
}

[[noreturn]] void execute(const Plan& plan) {
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    ::dup2(null, 0);
    ::dup2(null, 1);
    ::fcntl(plan.output_fd, F_SETFL, O_WRONLY);  // programs do not expect to write to what does not wait
    ::dup2(plan.output_fd, 2);
    for (const PassedDescriptor& one : plan.passed) ::dup2(one.fd, one.number);
    if (::chdir(plan.directory) != 0) say_and_leave(plan.directory, errno);
    ::execve(plan.program, plan.arguments, plan.environment);
    say_and_leave(plan.program, errno);
}

/// Nothing of the master lives on in a process that may outlive it: its sockets, the pipe by which workers see its end.
/// Needs Linux 5.9.
void close_but(const std::vector<int>& kept) {
    unsigned first = STDERR_FILENO + 1;
    for (const int fd : kept) {
        const auto next = static_cast<unsigned>(fd);
        if (first < next) ::syscall(SYS_close_range, first, next - 1, 0U);
        first = next + 1;
    }
    ::syscall(SYS_close_range, first, ~0U, 0U);
}

/// The status of the check. Should the master go, which has the other end of the status, the check and this process end.
int wait_for(pid_t check, int status_fd) {
    constexpr int kMilliseconds = 20;  // where pidfd_open is missing (Linux 5.3)
    const auto handle = static_cast<int>(::syscall(SYS_pidfd_open, check, 0));
    int status = 0;
    for (;;) {
        const pid_t ended = ::waitpid(check, &status, WNOHANG);
        if (ended == check || (ended < 0 && errno != EINTR)) return status;
        std::array<pollfd, 2> entries{{{status_fd, 0, 0}, {handle, POLLIN, 0}}};
        ::poll(entries.data(), entries.size(), handle < 0 ? kMilliseconds : -1);
        if ((entries[0].revents & POLLERR) != 0) ::kill(0, SIGKILL);
    }
}

/// Waits for the check, since the master is not its parent.
[[noreturn]] void lead(const Plan& plan) {
    ::setsid();
    close_but(plan.kept);
    const pid_t self = ::getpid();
    [[maybe_unused]] auto written = ::write(plan.status_fd, &self, sizeof self);
    const pid_t check = ::fork();
    if (check == 0) execute(plan);
    const int status = check > 0 ? wait_for(check, plan.status_fd) : kCannotStart << 8;
    written = ::write(plan.status_fd, &status, sizeof status);
    ::_exit(0);
}

/// Blocks until the first number arrives; nothing when it does not.
std::optional<pid_t> leader_of(int status_fd) {
    pollfd wait{status_fd, POLLIN, 0};
    const auto patience = std::chrono::duration_cast<std::chrono::milliseconds>(kLeaderPatience);
    while (::poll(&wait, 1, static_cast<int>(patience.count())) < 0 && errno == EINTR) {
    }
    pid_t pid = 0;
    if (::read(status_fd, &pid, sizeof pid) != sizeof pid) return std::nullopt;
    return pid;
}

}  // namespace

Result<CheckProcess> CheckProcess::start(const StartContext& context, const std::vector<PassedDescriptor>& passed,
                                         Duration limit, TimePoint now) {
    GN_TRY(sys::Pipe status, sys::pipe());
    GN_TRY(sys::Pipe output, sys::pipe());
    std::vector<std::string> arguments = context.arguments;
    std::vector<std::string> environment;
    std::ranges::copy_if(context.environment, std::back_inserter(environment), is_for_check);
    environment.push_back(std::string(kReloadCheckVariable) + "=" + to_string(reload_check(context)));
    std::vector<char*> argument_pointers = sys::exec_words(arguments);
    std::vector<char*> environment_pointers = sys::exec_words(environment);

    int above = 3;
    for (const PassedDescriptor& one : passed) above = std::max(above, one.number + 1);
    std::vector<UniqueFd> moved;  // out of the way of the numbers
    const auto move_away = [&](int fd) {
        moved.emplace_back(::fcntl(fd, F_DUPFD_CLOEXEC, above));
        return moved.back().get();
    };
    Plan plan{context.program.c_str(),
              argument_pointers.data(),
              environment_pointers.data(),
              context.directory.c_str(),
              {},
              move_away(status.write_end.get()),
              move_away(output.write_end.get()),
              {}};
    for (const PassedDescriptor& one : passed) plan.passed.push_back({move_away(one.fd), one.number});
    if (std::ranges::any_of(moved, [](const UniqueFd& fd) { return !fd; })) return Unexpected{sys::system_error("fcntl")};

    for (const UniqueFd& one : moved) plan.kept.push_back(one.get());
    std::ranges::sort(plan.kept);

    const pid_t middle = ::fork();
    if (middle < 0) return Unexpected{sys::system_error("fork")};
    if (middle == 0) {
        if (::fork() == 0) lead(plan);
        ::_exit(0);
    }
    while (::waitpid(middle, nullptr, 0) < 0 && errno == EINTR) {
    }
    moved.clear();
    status.write_end.reset();
    output.write_end.reset();
    const std::optional<pid_t> leader = leader_of(status.read_end.get());
    if (!leader) return failure(ErrorKind::system, "the process that checks the configuration did not start");
    const TimePoint deadline = limit == Duration::zero() ? TimePoint::max() : now + limit + kReportPatience;
    return CheckProcess(std::move(status.read_end), std::move(output.read_end), *leader, deadline);
}

CheckProcess::~CheckProcess() {
    // While its status has not been read, the leader lives or its number is not in use again yet: nobody waits for it but
    // init, so this is the one moment where a stranger could have it. Its group is asked for, which a stranger does not
    // lead.
    if (pid_ > 0) ::kill(-pid_, SIGKILL);
}

void CheckProcess::read_output() {
    char bytes[4096];
    for (;;) {
        const ssize_t count = ::read(output_.get(), bytes, sizeof bytes);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return;
        text_.append(bytes, static_cast<std::size_t>(count));
    }
}

std::optional<CheckProcess::Outcome> CheckProcess::poll(TimePoint now) {
    read_output();
    int status = 0;
    const ssize_t count = ::read(status_.get(), &status, sizeof status);
    if (count < 0 && now < deadline_) return std::nullopt;
    if (count < 0) return Outcome{false, std::move(text_) + "the check of the configuration took too long"};
    if (count == sizeof status) pid_ = 0;  // it has ended, and has no group any more
    read_output();
    Outcome outcome{count == sizeof status && WIFEXITED(status) && WEXITSTATUS(status) == 0, std::move(text_)};
    if (count != sizeof status) outcome.text += "the check of the configuration was ended from outside";
    if (count == sizeof status && WIFSIGNALED(status)) {
        outcome.text += "the check of the configuration was ended by SIG" + text::to_upper(signal_name(WTERMSIG(status)));
    }
    return outcome;
}

}  // namespace gunicorn::server
