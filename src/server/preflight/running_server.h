#pragma once
// The server that this configuration already runs: what it holds is no mistake of the configuration.

#include <sys/types.h>

#include <optional>
#include <string>

#include "base/result.h"
#include "config/settings.gen.h"
#include "server/preflight/planned_addresses.h"
#include "server/preflight/processes.h"

namespace gunicorn::server::preflight {

class RunningServer {
    struct Search;

public:
    /// The live process that the pid file names, when it is a gunicorn that works in `chdir`, was started as we were (the
    /// same command line, or the same application in its title) or holds one of our addresses; else a holder of an address
    /// that works in `chdir` and was started as we were. A title alone does not count where a pid file is configured, which
    /// the server would have written. Of an address whose holder this user may not see, a process of the socket's user that
    /// was started by the same command.
    /// Nothing of this is asked where the host says which master it is.
    static RunningServer find(const config::Settings& settings, const Host& host,
                              const std::vector<Obstruction>& in_the_way);

    /// What the pid file says: the live process, 0 for none. An error: it cannot be read.
    [[nodiscard]] const Result<pid_t>& in_pidfile() const noexcept { return in_pidfile_; }
    /// Whether the process is its master. Of one that is known for certain, the master whose upgrade it is, too: until that
    /// one goes, the pid file names it.
    [[nodiscard]] bool is_master(pid_t process) const;
    /// Whether the socket is its own. When nobody may see who holds it, the user who made it decides.
    [[nodiscard]] bool holds(const Obstruction& socket) const;
    /// It was known by the application in its title only: another configuration may serve the same.
    [[nodiscard]] bool is_guess() const noexcept { return is_guess_; }

private:
    RunningServer() = default;
    void find_by_pidfile(const Search& search);
    void find_among_holders(const Search& search);
    void find_unseen(const Search& search);

    Result<pid_t> in_pidfile_ = pid_t{0};
    std::optional<pid_t> pid_;
    std::optional<uid_t> user_;
    bool is_known_ = false;
    bool is_guess_ = false;
    std::string proc_;
};

/// Where the pid file will be; settings.pidfile is set.
[[nodiscard]] std::string pidfile_path(const config::Settings& settings);

}  // namespace gunicorn::server::preflight
