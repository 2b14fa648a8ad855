#pragma once
// --simulate: resolving a configuration as another host would.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "config/validation.h"

namespace gunicorn::config {

/// What is known of the other host. What is not said is as here, but users and paths are never looked up.
struct Simulation {
    std::optional<std::int64_t> cpus;  ///< what os.cpu_count() says
    std::string user;                  ///< name or number of the user that starts the server
    std::string hostname;
    std::string env_file;  ///< its environment, in the form of --env-file; replaces ours
};

/// "cpus=4,user=www-data,hostname=web1,env=FILE"; the error says what is wrong.
[[nodiscard]] Result<Simulation, std::string> parse_simulation(std::string_view text);

/// Our environment as far as a program needs it to run at all, and nothing of what configurations read: PATH, HOME, LANG,
/// LC_*, TZ, PYTHON*, LD_LIBRARY_PATH and VIRTUAL_ENV.
[[nodiscard]] Environment bare_environment(const Environment& environment);

}  // namespace gunicorn::config
