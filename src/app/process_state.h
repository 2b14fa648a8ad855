#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "config/settings.gen.h"

namespace gunicorn::app {

/// What settings make of this process besides serving: environment, working directory, sys.path; and how that is taken back
/// before other settings do the same. GIL held for everything.
class ProcessState {
public:
    /// The directory and the environment of now are those to come back to.
    ProcessState();

    /// sys.path as the settings want it: chdir and pythonpath, which need not exist.
    Result<void> extend_path(const config::Settings& settings);
    using Variables = std::vector<std::pair<std::string, std::string>>;
    /// In the order of Gunicorn's start: chdir, pythonpath, raw_env; before that the variables of --env-file. Comes after
    /// leave(), or is the first.
    Result<void> enter(const config::Settings& settings, const Variables& file_variables);
    /// Further variables that leave() takes back: they have been set already, and were not set before.
    void adopt_variables(const std::vector<std::string>& names);
    /// Everything as it was, as far as that is possible.
    Result<void> leave();

private:
    std::string directory_;
    std::map<std::string, std::optional<std::string>> variables_;  // what they were before; nothing: not set
    std::vector<std::string> folders_;                             // those that were not in sys.path
};

}  // namespace gunicorn::app
