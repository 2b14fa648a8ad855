#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/file_signature.h"
#include "gateway/loaded_file.h"

namespace gunicorn::server {

/// Files and what they were like. A file that is gone has not changed: editors remove what they are about to write, and
/// code is loaded from files that nobody keeps. It has changed when it is back and another one.
class WatchedFiles {
public:
    /// From now on, or from when it was needed. What is watched already stays, unless it was read anew.
    void add(const gateway::LoadedFile& file);
    [[nodiscard]] bool has(const std::string& path) const { return files_.contains(path); }
    [[nodiscard]] std::size_t size() const noexcept { return files_.size(); }

    /// Looks at one file; false for a strange one. A change is told once.
    bool has_changed(const std::string& path);
    /// Looks at all; the first one that has changed. Those behind it are told by the next call.
    std::optional<std::string> find_changed();

private:
    static bool take_change(const std::string& path, std::optional<FileSignature>& known);

    std::unordered_map<std::string, std::optional<FileSignature>> files_;
};

}  // namespace gunicorn::server
