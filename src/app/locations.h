#pragma once

#include <string>

namespace gunicorn::app {

struct Locations {
    /// Absolute path by which this program was started, links not followed: beside it a pyvenv.cfg counts, and a later
    /// upgrade starts what is there then.
    std::string launcher;
    /// Folder that holds the importable package `gunicorn`: beside the real executable in a build tree, ../lib/gunicorn when
    /// installed.
    std::string package_folder;
};

/// `program` is argv[0]; a bare name is looked up in $PATH, as the shell did, and is only believed where it leads to the
/// running program; else the executable itself is the launcher.
[[nodiscard]] Locations find_locations(const std::string& program);

}  // namespace gunicorn::app
