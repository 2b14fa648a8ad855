#include "server/arbiter/config_watch.h"

namespace gunicorn::server {

std::optional<std::string> ConfigWatch::look(const Generation& generation, gateway::WorkerRuntime& runtime, TimePoint now) {
    if (!generation.settings.reload || now < next_look_) return std::nullopt;
    next_look_ = now + std::chrono::seconds(1);
    for (const std::string& path : generation.files.configuration) files_.add({.path = path});
    for (const gateway::LoadedFile& file : runtime.take_loaded_files()) files_.add(file);
    return files_.find_changed();
}

}  // namespace gunicorn::server
