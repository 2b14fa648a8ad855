#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace gunicorn::python {

// What a start changes in the interpreter before the application is there. GIL held in all of them.

/// Puts a folder in front of sys.path unless it is in it; answers whether it did.
Result<bool> prepend_to_path(const std::string& folder);

/// Takes it out again, at its first place.
Result<void> remove_from_path(const std::string& folder);

/// os.environ[name] = value, so that both Python and C code see it.
Result<void> set_environment(const std::string& name, const std::string& value);
/// Takes the variable out of os.environ, if it is there.
Result<void> unset_environment(const std::string& name);

/// It is in neither os.environ nor the environment of C code.
Result<void> unset_environment(const std::string& name);

/// The words by which this Python was started, its own absolute path first (sys.orig_argv; on 3.9 those of `python -m
/// gunicorn`).
Result<std::vector<std::string>> original_command();

/// Whether a class can be loaded by the name a setting gives it (gunicorn.util.load_class); the error says why not.
Result<void> find_class(const std::string& name, const char* section);

/// Makes os, multiprocessing, socket and platform answer as on another host; what is not given stays. For good.
Result<void> pretend_host(std::optional<std::int64_t> cpus, std::optional<std::int64_t> user, const std::string& hostname);

/// os.environ says just this.
Result<void> replace_environment(const std::map<std::string, std::string, std::less<>>& variables);

/// Import every module of ours that runs before or beside the user's code: what a server needs, and what judges
/// configuration files and applications. To be called before the project's folders are on sys.path: a file named re.py or
/// logging.py there must not become part of the server.
Result<void> import_for_server();
Result<void> import_for_checks();

/// Writes what sys.stdout and sys.stderr hold back. What cannot be written is lost.
void flush_streams();

// Around a fork() of a process in which Python runs.
void before_fork();
void after_fork_in_parent();
void after_fork_in_child();

/// From now on the signal makes the process write the Python stack of the interrupted thread to the descriptor, innermost
/// frame first, even while the interpreter is stuck (faulthandler.register).
enum class StackOf { current_thread, all_threads };
Result<void> dump_stack_on(int signal, int fd, StackOf which);

/// A fault (SIGSEGV and its like) has the Python stacks of all threads written to the descriptor (faulthandler.enable),
/// unless somebody has asked for that already, or a sanitizer reports faults.
Result<void> dump_stacks_of_faults(int fd);

/// SERVER_SOFTWARE in the environment, by which applications recognise the server.
Result<void> announce_server();

}  // namespace gunicorn::python
