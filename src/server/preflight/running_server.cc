#include "server/preflight/running_server.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "base/sys.h"
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

std::optional<uid_t> owner_of(pid_t pid, const std::string& proc) {
    struct stat status {};
    if (::stat(fmt::format("{}/{}", proc, pid).c_str(), &status) != 0) return std::nullopt;
    return status.st_uid;
}

}  // namespace

std::string pidfile_path(const config::Settings& settings) { return sys::absolute_path(*settings.pidfile, settings.chdir); }

/// What is looked for, and where.
struct RunningServer::Search {
    const config::Settings& settings;
    const Host& host;
    const std::vector<Obstruction>& in_the_way;
    std::vector<std::string> command;  // ours

    [[nodiscard]] bool works_here(const ProcessFacts& process) const {
        return process.directory.empty() || is_same_directory(process.directory, settings.chdir);
    }
    [[nodiscard]] bool has_same_command(const ProcessFacts& process) const {
        return !name_in_title(process) && is_same_command(process.arguments, command);
    }
    /// A title hides the command line; what is left is the name of the application.
    [[nodiscard]] bool has_same_title(const ProcessFacts& process) const {
        const auto name = name_in_title(process);
        return name && (settings.proc_name == *name || settings.wsgi_app == *name ||
                        std::find(command.begin(), command.end(), *name) != command.end());
    }
};

RunningServer RunningServer::find(const config::Settings& settings, const Host& host,
                                  const std::vector<Obstruction>& in_the_way) {
    RunningServer server;
    server.proc_ = host.proc;
    const auto self = process_facts(::getpid(), host.proc);
    const Search search{settings, host, in_the_way, self ? self->arguments : std::vector<std::string>()};
    if (has_pidfile(settings)) server.in_pidfile_ = Pidfile::validate(pidfile_path(settings));
    if (host.running_master > 0) {
        server.pid_ = host.running_master;
        server.is_known_ = true;
    }
    if (!server.pid_) server.find_by_pidfile(search);
    if (!server.pid_) server.find_among_holders(search);
    if (!server.pid_) server.find_unseen(search);
    if (server.pid_) server.user_ = owner_of(*server.pid_, host.proc);
    return server;
}

void RunningServer::find_by_pidfile(const Search& search) {
    if (!in_pidfile_ || *in_pidfile_ == 0) return;
    const auto named = process_facts(*in_pidfile_, proc_);
    if (!named || !is_gunicorn(*named)) return;
    const bool holds_one = std::any_of(search.in_the_way.begin(), search.in_the_way.end(), [&](const Obstruction& one) {
        return has_one_below(one.holders, named->pid, proc_);
    });
    if (holds_one || search.works_here(*named) || search.has_same_command(*named) || search.has_same_title(*named)) {
        pid_ = named->pid;
    }
}

void RunningServer::find_among_holders(const Search& search) {
    for (const Obstruction& one : search.in_the_way) {
        for (const pid_t holder : one.holders) {
            const auto process = process_facts(holder, proc_);
            if (!process || !is_gunicorn(*process) || !search.works_here(*process)) continue;
            const bool is_worker = std::binary_search(one.holders.begin(), one.holders.end(), process->parent);
            const bool may_guess = !has_pidfile(search.settings);
            const bool is_ours = search.has_same_command(*process) || (may_guess && search.has_same_title(*process));
            if (is_worker || !is_ours) continue;
            pid_ = holder;
            is_guess_ = !search.has_same_command(*process);
            return;
        }
    }
}

void RunningServer::find_unseen(const Search& search) {
    std::vector<uid_t> users;
    for (const Obstruction& one : search.in_the_way) {
        if (one.holders.empty() && one.user && *one.user != search.host.user) users.push_back(*one.user);
    }
    if (users.empty()) return;
    for (const pid_t pid : all_processes(proc_)) {
        const auto user = owner_of(pid, proc_);
        if (!user || std::find(users.begin(), users.end(), *user) == users.end()) continue;
        const auto process = process_facts(pid, proc_);
        if (!process || !is_gunicorn(*process) || !search.works_here(*process) || !search.has_same_command(*process))
            continue;
        pid_ = pid;
        return;  // the lowest number: a master is older than its workers
    }
}

bool RunningServer::is_master(pid_t process) const {
    if (pid_ == process) return true;
    if (!is_known_) return false;
    const auto own = process_facts(*pid_, proc_);
    const auto other = process_facts(process, proc_);
    return own && other && own->parent == process && is_gunicorn(*other);
}

bool RunningServer::holds(const Obstruction& socket) const {
    if (!pid_) return false;
    if (socket.holders.empty()) return !socket.user || socket.user == user_;
    return has_one_below(socket.holders, *pid_, proc_);
}

}  // namespace gunicorn::server::preflight
