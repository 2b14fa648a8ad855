#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace gunicorn::server {

/// inotify: the kernel says which entries of some directories were written. It watches directories, not files, since editors
/// put a new file in the place of the old one.
class DirectoryWatches {
public:
    static Result<std::unique_ptr<DirectoryWatches>> create();

    /// Readable when there is something to read().
    [[nodiscard]] int fd() const noexcept { return fd_.get(); }

    /// False where the kernel refuses: no such directory, or fs.inotify.max_user_watches are in use.
    bool add(const std::string& directory);
    [[nodiscard]] bool has(const std::string& directory) const { return directories_.contains(directory); }
    /// Forgets the directories whose path leads to another one by now, or nowhere: they, or what they are in, were moved or
    /// removed. Then add() may be tried again.
    void drop_moved();

    struct Event {
        std::string path;         ///< directory and name
        bool is_complete = true;  ///< false: it was made just now, and is perhaps still being written
    };
    struct Reading {
        std::vector<Event> events;
        bool is_lost = false;  ///< the kernel had no room for more: look at everything
    };
    Reading read();

private:
    /// Where a path led to: the device, and the file on it.
    struct Place {
        std::uint64_t device = 0;
        std::uint64_t inode = 0;
        bool operator==(const Place&) const = default;
    };
    struct Watched {
        int watch = -1;
        Place place;
    };
    explicit DirectoryWatches(UniqueFd fd) : fd_(std::move(fd)) {}
    static bool find(const std::string& path, Place& place);

    UniqueFd fd_;
    std::unordered_map<std::string, Watched> directories_;
    /// Several paths may lead to one directory.
    std::unordered_map<int, std::vector<std::string>> paths_;
};

}  // namespace gunicorn::server
