#pragma once
// Whether somebody could do something with a path, asked without doing it.

#include <optional>
#include <string>

#include "base/diagnostic.h"
#include "server/preflight/identity.h"

namespace gunicorn::server::preflight {

enum class Wish {
    read_file,       ///< open it for reading
    read_directory,  ///< list it and enter it
    enter_directory,
    make_files_in,   ///< the path is a directory
    make_file,       ///< or replace it: the path is the file's
    append_to_file,  ///< make it when it is not there
};

struct Obstacle {
    DiagId id;         ///< no_such_file, no_such_directory, not_readable or not_writable
    std::string text;  ///< "'/srv/run' does not exist", "'www-data' may not write to '/srv/run'"
    std::string help;  ///< "mkdir -p /srv/run", or empty
};

/// What stops `who`; nothing when nothing does. `path` is absolute.
[[nodiscard]] std::optional<Obstacle> obstacle_to(Wish wish, const std::string& path, const Identity& who);

/// "/srv/run" of "/srv/run/app.pid"; the path is absolute.
[[nodiscard]] std::string folder_of(const std::string& path);

}  // namespace gunicorn::server::preflight
