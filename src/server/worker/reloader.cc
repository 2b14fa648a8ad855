#include "server/worker/reloader.h"

#include <linux/magic.h>
#include <sys/vfs.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <utility>

#include "server/worker/path_pattern.h"

namespace gunicorn::server {
namespace {

constexpr Duration kPause = std::chrono::seconds(1);
constexpr int kShare = 20;  // of the time is spent looking, at most one part

/// File systems that others write to: what they do there is no event here. From the manual of statfs(2).
bool is_shared_with_others(const std::string& directory) {
    constexpr std::array<std::uint32_t, 9> kTypes{NFS_SUPER_MAGIC,  SMB_SUPER_MAGIC,  SMB2_SUPER_MAGIC,
                                                  CIFS_SUPER_MAGIC, FUSE_SUPER_MAGIC, V9FS_MAGIC,
                                                  CEPH_SUPER_MAGIC, AFS_SUPER_MAGIC,  0x786f4256U /* vboxsf */};
    struct statfs system {};
    if (::statfs(directory.c_str(), &system) != 0) return false;
    return std::find(kTypes.begin(), kTypes.end(), static_cast<std::uint32_t>(system.f_type)) != kTypes.end();
}

std::string directory_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

bool is_link(const std::string& path) {
    std::error_code ignored;
    return std::filesystem::is_symlink(path, ignored);
}

}  // namespace

Reloader::Engine Reloader::engine_named(const std::string& name) noexcept {
    if (name == "poll") return Engine::poll;
    return name == "inotify" ? Engine::inotify : Engine::automatic;
}

Reloader::Reloader(Engine engine, std::vector<std::string> patterns, gateway::LogSink& log)
    : engine_(engine), patterns_(std::move(patterns)), log_(log) {
    if (engine_ == Engine::poll) return;
    if (auto made = DirectoryWatches::create()) {
        watches_ = *std::move(made);
    } else {
        log_.warning("reload: " + made.error().message + "; files are looked at every second instead");
    }
}

std::optional<std::string> Reloader::look(const std::vector<gateway::LoadedFile>& loaded, TimePoint now) {
    const bool is_thorough = wants_files(now);
    std::optional<std::string> changed = look_where_told();
    if (!changed && is_thorough) {
        changed = look_around(loaded);
        const TimePoint end = Clock::now();
        thorough_at_ = end + std::max(kPause, (end - now) * kShare);
    }
    return changed;
}

void Reloader::on_readable() {
    if (!watches_) return;
    DirectoryWatches::Reading more = watches_->read();
    told_.is_lost |= more.is_lost;
    std::move(more.events.begin(), more.events.end(), std::back_inserter(told_.events));
}

std::optional<std::string> Reloader::look_where_told() {
    std::optional<std::string> changed;
    const DirectoryWatches::Reading told = std::exchange(told_, {});
    for (const DirectoryWatches::Event& event : told.events) {
        if (!event.is_complete) {
            if (files_.has(event.path)) unsure_.insert(event.path);
        } else if (files_.has_changed(event.path)) {
            changed = event.path;
        }
    }
    return !changed && told.is_lost ? files_.find_changed() : changed;
}

std::optional<std::string> Reloader::look_around(const std::vector<gateway::LoadedFile>& loaded) {
    for (const gateway::LoadedFile& file : loaded) add(file);
    std::optional<std::string> changed = find_new_matches();
    std::unordered_set<std::string> told;  // directories whose files need no look
    if (watches_) {
        watches_->drop_moved();
        for (const std::string& directory : directories_) {
            if (watches_->has(directory)) {
                told.insert(directory);
            } else {
                watch_directory(directory);  // from here on; what was written before, the look at its files finds
            }
        }
    }
    for (const std::string& path : paths_) {
        const bool is_told = told.contains(directory_of(path)) && !unsure_.contains(path);
        if (!is_told && files_.has_changed(path)) changed = path;
    }
    // What was needed long ago may have changed before its directory was watched.
    for (const gateway::LoadedFile& file : loaded) {
        if (files_.has_changed(file.path)) changed = file.path;
    }
    return changed;
}

void Reloader::add(const gateway::LoadedFile& file) {
    if (!files_.has(file.path)) {
        paths_.push_back(file.path);
        directories_.insert(directory_of(file.path));
        if (is_link(file.path)) unsure_.insert(file.path);
    }
    files_.add(file);
}

/// Patterns are expanded anew: a file that matches since is a change.
std::optional<std::string> Reloader::find_new_matches() {
    std::optional<std::string> changed;
    for (const std::string& pattern : patterns_) {
        if (!is_pattern(pattern)) {
            add({.path = pattern});
            continue;
        }
        for (const std::string& path : expand(pattern)) {
            if (files_.has(path)) continue;
            add({.path = path});
            if (has_matched_) changed = path;
        }
    }
    has_matched_ = true;
    return changed;
}

void Reloader::watch_directory(const std::string& directory) {
    if (engine_ == Engine::automatic && is_shared_with_others(directory)) return;
    std::error_code ignored;
    if (watches_->add(directory) || !std::filesystem::exists(directory, ignored) || std::exchange(is_complaint_made_, true))
        return;
    log_.warning("reload: inotify cannot watch " + directory +
                 " (fs.inotify.max_user_watches?); where it cannot, files are "
                 "looked at every second");
}

}  // namespace gunicorn::server
