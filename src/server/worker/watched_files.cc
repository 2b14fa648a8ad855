#include "server/worker/watched_files.h"

namespace gunicorn::server {

void WatchedFiles::add(const gateway::LoadedFile& file) {
    if (file.is_known) {
        files_[file.path] = file.when_needed;
    } else if (!has(file.path)) {
        files_[file.path] = signature_of(file.path);
    }
}

bool WatchedFiles::has_changed(const std::string& path) {
    const auto known = files_.find(path);
    return known != files_.end() && take_change(path, known->second);
}

std::optional<std::string> WatchedFiles::find_changed() {
    for (auto& [path, known] : files_) {
        if (take_change(path, known)) return path;
    }
    return std::nullopt;
}

bool WatchedFiles::take_change(const std::string& path, std::optional<FileSignature>& known) {
    const std::optional<FileSignature> now = signature_of(path);
    if (!now || now == known) return false;
    known = now;
    return true;
}

}  // namespace gunicorn::server
