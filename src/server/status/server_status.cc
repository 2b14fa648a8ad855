#include "server/status/server_status.h"

namespace gunicorn::server {

std::string_view name_of(WorkerActivity activity) noexcept {
    switch (activity) {
        case WorkerActivity::booting: return "booting";
        case WorkerActivity::idle: return "idle";
        case WorkerActivity::busy: return "busy";
        case WorkerActivity::stopping: return "stopping";
    }
    return {};
}

}  // namespace gunicorn::server
