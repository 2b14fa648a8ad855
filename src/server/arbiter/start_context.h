#pragma once

#include <string>
#include <vector>

#include "server/arbiter/inheritance.h"

namespace gunicorn::server {

/// How this program was started, before anything changed it (Gunicorn: Arbiter.START_CTX): what an upgrade and the check
/// before a reload execute again.
struct StartContext {
    /// Absolute path, links not followed: after an upgrade of the package the new program is there, and /proc/self/exe would
    /// be the old one. Inside somebody's Python that Python.
    std::string program;
    std::vector<std::string> arguments;  ///< argv, the program's name first
    /// The working directory as its user sees it ($PWD): a link in it is followed anew each time.
    std::string directory;
    std::vector<std::string> environment;  ///< "NAME=value"; without the variables of --env-file and raw_env
    Inheritance inherited;                 ///< what it was handed over
};

}  // namespace gunicorn::server
