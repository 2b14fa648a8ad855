#include "server/preflight/running_server.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "server/arbiter/pidfile.h"
#include "server/preflight/paths.h"

namespace gunicorn::server::preflight {
namespace {

bool is_same_directory(const std::string& a, const std::string& b) {
    std::error_code error;
    return std::filesystem::equivalent(a, b, error);
}

/// Whether `ancestor` is `pid` or stands above it. Bounded: parents change while we look.
bool descends_from(pid_t pid, pid_t ancestor, const std::string& proc) {
    for (int steps = 0; pid > 1 && steps < 32; ++steps) {
        if (pid == ancestor) return true;
        const auto facts = process_facts(pid, proc);
        if (!facts) return false;
        pid = facts->parent;
    }
    return pid == ancestor;
}

bool has_one_below(const std::vector<pid_t>& holders, pid_t ancestor, const std::string& proc) {
    return std::any_of(holders.begin(), holders.end(), [&](pid_t pid) { return descends_from(pid, ancestor, proc); });
}

/// Whether a gunicorn was started as we were. A title hides the command line; what is left is the name of the application.
bool is_started_like(const ProcessFacts& process, const std::vector<std::string>& command,
                     const config::Settings& settings) {
    const auto name = name_in_title(process);
    if (!name) return is_same_command(process.arguments, command);
    return settings.proc_name == *name || settings.wsgi_app == *name ||
           std::find(command.begin(), command.end(), *name) != command.end();
}

}  // namespace

std::string pidfile_path(const config::Settings& settings) { return absolute_path(*settings.pidfile, settings.chdir); }

RunningServer RunningServer::find(const config::Settings& settings, const Host& host,
                                  const std::vector<Obstruction>& in_the_way) {
    RunningServer server;
    server.proc_ = host.proc;
    const auto self = process_facts(::getpid(), host.proc);
    const std::vector<std::string> command = self ? self->arguments : std::vector<std::string>();
    const auto works_here = [&](const ProcessFacts& process) {
        return process.directory.empty() || is_same_directory(process.directory, settings.chdir);
    };
    if (has_pidfile(settings)) server.in_pidfile_ = Pidfile::validate(pidfile_path(settings));
    if (server.in_pidfile_ && *server.in_pidfile_ != 0) {
        const auto named = process_facts(*server.in_pidfile_, host.proc);
        const auto holds_one = [&] {
            return std::any_of(in_the_way.begin(), in_the_way.end(),
                               [&](const Obstruction& one) { return has_one_below(one.holders, named->pid, host.proc); });
        };
        if (named && is_gunicorn(*named) &&
            (works_here(*named) || is_started_like(*named, command, settings) || holds_one())) {
            server.pid_ = named->pid;
        }
    }
    for (const Obstruction& one : in_the_way) {
        for (const pid_t holder : one.holders) {
            const auto process = process_facts(holder, host.proc);
            if (server.pid_ || !process || !is_gunicorn(*process)) continue;
            const bool is_worker = std::binary_search(one.holders.begin(), one.holders.end(), process->parent);
            if (is_worker) continue;
            if (works_here(*process) && is_started_like(*process, command, settings)) server.pid_ = holder;
        }
    }
    struct stat status {};
    if (server.pid_ && ::stat(fmt::format("{}/{}", host.proc, *server.pid_).c_str(), &status) == 0)
        server.user_ = status.st_uid;
    return server;
}

bool RunningServer::holds(const Obstruction& socket) const {
    if (!pid_) return false;
    if (socket.holders.empty()) return !socket.user || socket.user == user_;
    return has_one_below(socket.holders, *pid_, proc_);
}

}  // namespace gunicorn::server::preflight
