#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.h"
#include "config/settings.gen.h"

namespace gunicorn::server {

/// An empty name means none, as it does wherever a configuration takes it from a variable.
[[nodiscard]] inline bool has_pidfile(const config::Settings& settings) {
    return settings.pidfile && !settings.pidfile->empty();
}

/// The pid file, by Gunicorn's rules (pidfile.Pidfile). A relative path is relative to the working directory of when the
/// object was made. Nothing is removed by the destructor: every process of the server has a copy of this object after a fork.
class Pidfile {
public:
    explicit Pidfile(std::string path);

    /// Writes "<pid>\n", mode 0644, complete or not at all (temporary file beside it, then rename). A file that names a live
    /// process other than `pid` is left and is an error: "Already running on PID N (or pid file 'f' is stale)". One with a
    /// dead process or without a number is overwritten. Missing directory: "D doesn't exist. Can't create pidfile."
    Result<void> create(pid_t pid);

    /// The same content under another name from now on; the old file goes (promotion of a new master: NAME.2 -> NAME). The
    /// other name is judged as in create(), but for `gone`, a process that has ended even if nobody has waited for it yet;
    /// when that fails nothing has changed.
    Result<void> rename(const std::string& path, pid_t gone = 0);

    /// Removes the file when its content is the pid that create() wrote, else leaves it. Never fails.
    void unlink() noexcept;

    /// As it was given.
    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    [[nodiscard]] bool is_same_file(const Pidfile& other) const noexcept { return file_ == other.file_; }
    [[nodiscard]] pid_t pid() const noexcept { return pid_; }

    /// Gunicorn: Pidfile.validate. The live process that the file names; 0 for none: no file, garbage, or a dead process.
    static Result<pid_t> validate(const std::string& path);

private:
    Result<void> replace(pid_t pid, pid_t gone);

    std::string path_;
    std::string file_;  // absolute
    pid_t pid_ = 0;
};

}  // namespace gunicorn::server
