#include "server/worker/directory_watches.h"

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include "base/sys.h"

namespace gunicorn::server {
namespace {

// A file counts when it is complete: closed after writing, moved here, or given another time (touch). What is only made here
// may also be a link, which is complete.
constexpr std::uint32_t kInteresting = IN_CLOSE_WRITE | IN_MOVED_TO | IN_ATTRIB | IN_CREATE | IN_ONLYDIR;

}  // namespace

Result<std::unique_ptr<DirectoryWatches>> DirectoryWatches::create() {
    UniqueFd fd(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    if (!fd) return Unexpected{sys::system_error("inotify")};
    return std::unique_ptr<DirectoryWatches>(new DirectoryWatches(std::move(fd)));
}

bool DirectoryWatches::find(const std::string& path, Place& place) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return false;
    place = {status.st_dev, status.st_ino};
    return true;
}

bool DirectoryWatches::add(const std::string& directory) {
    if (has(directory)) return true;
    Place place;
    // First the place: a directory that takes this one's afterwards is found by drop_moved().
    if (!find(directory, place)) return false;
    const int watch = ::inotify_add_watch(fd_.get(), directory.c_str(), kInteresting);
    if (watch < 0) return false;
    directories_[directory] = {watch, place};
    paths_[watch].push_back(directory);
    return true;
}

void DirectoryWatches::drop_moved() {
    std::vector<std::string> moved;
    for (const auto& [directory, watched] : directories_) {
        Place now;
        if (!find(directory, now) || now != watched.place) moved.push_back(directory);
    }
    for (const std::string& directory : moved) {
        const int watch = directories_[directory].watch;
        directories_.erase(directory);
        std::erase(paths_[watch], directory);
        if (!paths_[watch].empty()) continue;
        paths_.erase(watch);
        ::inotify_rm_watch(fd_.get(), watch);  // fails where the kernel has dropped it with its directory
    }
}

DirectoryWatches::Reading DirectoryWatches::read() {
    Reading reading;
    alignas(inotify_event) char buffer[16384];
    for (;;) {
        const ssize_t size = ::read(fd_.get(), buffer, sizeof buffer);
        if (size <= 0) return reading;
        for (const char* at = buffer; at < buffer + size;) {
            inotify_event event{};
            std::memcpy(&event, at, sizeof event);
            const char* name = at + sizeof event;
            at = name + event.len;
            if ((event.mask & IN_Q_OVERFLOW) != 0) reading.is_lost = true;
            const auto known = paths_.find(event.wd);
            if (known == paths_.end() || event.len == 0) continue;
            for (const std::string& directory : known->second) {
                reading.events.push_back({directory + "/" + name, (event.mask & IN_CREATE) == 0});
            }
        }
    }
}

}  // namespace gunicorn::server
