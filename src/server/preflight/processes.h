#pragma once
// Other processes, as /proc shows them.

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace gunicorn::server::preflight {

struct ProcessFacts {
    pid_t pid = 0;
    pid_t parent = 0;
    std::string name;                    ///< of the program, cut by the kernel
    std::vector<std::string> arguments;  ///< empty when they cannot be seen
    std::string directory;               ///< the working one; empty when it cannot be seen
};

/// The numbers of all processes, ascending.
[[nodiscard]] std::vector<pid_t> all_processes(const std::string& proc);

/// Nothing when there is no such process.
[[nodiscard]] std::optional<ProcessFacts> process_facts(pid_t pid, const std::string& proc);

/// What setproctitle made of the command line of a server: "shop:app" of "gunicorn: master [shop:app]"; else nothing.
[[nodiscard]] std::optional<std::string> name_in_title(const ProcessFacts& process);

/// "nginx (pid 12)", "gunicorn: master [shop:app] (pid 12)"
[[nodiscard]] std::string to_string(const ProcessFacts& process);

/// Whether it calls itself gunicorn, this one or Gunicorn, by its command line or by a title.
[[nodiscard]] bool is_gunicorn(const ProcessFacts& process);

/// Whether two command lines start the same server: the same settings, configuration files and application, whatever they
/// ask of a check. Neither may be empty, nor wrong.
[[nodiscard]] bool is_same_command(const std::vector<std::string>& a, const std::vector<std::string>& b);

}  // namespace gunicorn::server::preflight
