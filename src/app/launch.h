#pragma once

#include <string>
#include <vector>

namespace gunicorn::app {

/// Who runs us: the `gunicorn` executable, which embeds Python, or somebody's Python through gunicorn._core.
enum class Host { executable, python };

struct Launch {
    Host host = Host::executable;
    std::vector<std::string> arguments;  ///< argv, the program first
};

/// The whole program, from the command line to the exit status. With Host::executable Python is started and ended inside;
/// with Host::python the GIL is held by the caller, and Python goes on afterwards. In a worker it returns too, with the
/// worker's status.
int run(const Launch& launch);

}  // namespace gunicorn::app
