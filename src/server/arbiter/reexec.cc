#include "server/arbiter/reexec.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <string_view>

#include <fmt/format.h>

#include "base/sys.h"
#include "base/unique_fd.h"

namespace gunicorn::server {
namespace {

constexpr std::string_view kWatchedProcess = "WATCHDOG_PID=";  // sd_watchdog_enabled(3)

bool sets(std::string_view entry, std::string_view name) {
    return entry.starts_with(name) && entry.substr(name.size()).starts_with('=');
}

std::string assignment(const char* name, int value) { return fmt::format("{}={}", name, value); }

/// Out of the way of the numbers that descriptors are to have, and open after exec.
Result<int> keep_open(int fd, int above) {
    const int kept = ::fcntl(fd, F_DUPFD, above);
    if (kept < 0) return Unexpected{sys::system_error(fmt::format("descriptor {}", fd))};
    return kept;
}

/// Makes the descriptors ready for exec: where each of `listeners` is then, in their order.
Result<Inheritance> lay_out(const std::vector<Listener>& listeners, int status_fd, int report_fd) {
    Inheritance handed;
    int above = STDERR_FILENO + 1;
    for (const Listener& one : listeners) above = std::max(above, one.configured().fd + 1);
    std::vector<UniqueFd> moved;
    for (const Listener& one : listeners) {
        GN_TRY(const int kept, keep_open(one.fd(), above));
        const bool has_number = one.configured().kind == AddressKind::descriptor;
        handed.descriptors.push_back(has_number ? one.configured().fd : kept);
        moved.emplace_back(has_number ? kept : -1);
    }
    GN_TRY(handed.report_fd, keep_open(report_fd, above));
    if (status_fd >= 0) {
        GN_TRY(handed.status_fd, keep_open(status_fd, above));
    }
    for (std::size_t i = 0; i < moved.size(); ++i) {
        if (moved[i] && ::dup2(moved[i].get(), handed.descriptors[i]) < 0) {
            return Unexpected{sys::system_error(to_string(listeners[i].configured()))};
        }
    }
    return handed;
}

}  // namespace

std::vector<std::string> environment_for(const std::vector<std::string>& at_start, const Inheritance& handed, pid_t self) {
    std::vector<std::string> environment;
    for (const std::string& entry : at_start) {
        const auto names = [&](const char* name) { return sets(entry, name); };
        if (std::ranges::any_of(kInheritanceVariables, names)) continue;
        environment.push_back(entry.starts_with(kWatchedProcess) ? fmt::format("{}{}", kWatchedProcess, self) : entry);
    }
    environment.push_back(assignment(kOldMasterVariable, handed.old_master));
    environment.push_back(assignment(kReportVariable, handed.report_fd));
    if (handed.status_fd >= 0) environment.push_back(assignment(kStatusVariable, handed.status_fd));
    if (handed.by_systemd) {
        environment.push_back(assignment(kSystemdPidVariable, self));
        environment.push_back(assignment(kSystemdCountVariable, static_cast<int>(handed.descriptors.size())));
    } else {
        environment.push_back(fmt::format("{}={}", kListenersVariable, fmt::join(handed.descriptors, ",")));
    }
    return environment;
}

Error execute_anew(const StartContext& start, const std::vector<Listener>& listeners, int status_fd, pid_t old_master,
                   int report_fd) {
    if (::chdir(start.directory.c_str()) != 0) return sys::system_error("chdir " + start.directory);
    auto handed = lay_out(listeners, status_fd, report_fd);
    if (!handed) return std::move(handed).error();
    handed->old_master = old_master;
    handed->by_systemd = start.inherited.by_systemd;
    std::vector<std::string> environment = environment_for(start.environment, *handed, ::getpid());
    std::vector<std::string> arguments = start.arguments;
    // What is ignored stays ignored over exec. Python ignores these.
    for (const int signo : {SIGPIPE, SIGXFSZ}) ::signal(signo, SIG_DFL);
    ::execve(start.program.c_str(), sys::exec_words(arguments).data(), sys::exec_words(environment).data());
    return sys::system_error(start.program);
}

}  // namespace gunicorn::server
