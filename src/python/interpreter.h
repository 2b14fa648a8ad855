#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace gunicorn::python {

/// Which Python an embedded interpreter is to be.
struct InterpreterOptions {
    /// argv as the process got it: sys.orig_argv; sys.argv is [launcher, rest...].
    std::vector<std::string> arguments;
    /// Absolute path of the running gunicorn executable: sys.argv[0], and where a pyvenv.cfg is looked for.
    std::string launcher;
    /// $VIRTUAL_ENV, empty when there is none.
    std::string virtual_environment;
    /// The Python this binary was built with (absolute path), used when there is no virtual environment.
    std::string default_python;
    /// Folder that holds our importable package `gunicorn`; becomes the first entry of sys.path until the package is
    /// imported.
    std::string package_folder;
};

/// The Python that is chosen: what sys.executable will say. It is never our own binary: multiprocessing would start that and
/// fork without end. Error (unsupported) when a virtual environment is of another Python version; it names both.
Result<std::string> choose_python(const InterpreterOptions& options);

/// Starts the interpreter in this process, imports our package and leaves the GIL held by the calling thread.
Result<void> start_interpreter(const InterpreterOptions& options, const std::string& chosen_python);

/// Imports `gunicorn` and gives it `gunicorn._core` (built in, or the extension module that is already loaded).
Result<void> import_package();

/// Makes the Python code of the main thread raise KeyboardInterrupt as soon as it can. Async-signal-safe. It works from
/// expect_interrupts() on, which sets Python's own handler of SIGINT: a process that was started in the background ignores
/// that signal, and then Python would too. forget_interrupts() takes back what has not been raised yet. GIL held for both.
void interrupt();
void expect_interrupts();
void forget_interrupts();

/// "3.11.2".
[[nodiscard]] std::string version();

/// Whether the interpreter was started and has not ended.
[[nodiscard]] bool is_running() noexcept;

/// Runs what is left of Python: threading._shutdown, atexit, flushes. GIL held before; Python is gone afterwards. Answers
/// the exit status: `status`, or 120 when the flush failed and `status` was 0, as python3 does.
int finalize_interpreter(int status);

/// Ends the process without waiting for its threads: atexit functions, flushes, _Exit. GIL held.
[[noreturn]] void leave_interpreter(int status);

}  // namespace gunicorn::python
