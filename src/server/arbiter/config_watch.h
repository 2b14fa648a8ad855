#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "gateway/worker_runtime.h"
#include "server/arbiter/generation.h"
#include "server/worker/watched_files.h"

namespace gunicorn::server {

/// reload, in the master: whether a file of its configuration has changed, or one that this imports. Workers that are only
/// replaced would not see that.
class ConfigWatch {
public:
    /// The path of a file that has changed; looks once a second while the generation has `reload`. GIL held.
    std::optional<std::string> look(const Generation& generation, gateway::WorkerRuntime& runtime, TimePoint now);

private:
    WatchedFiles files_;
    TimePoint next_look_{};
};

}  // namespace gunicorn::server
