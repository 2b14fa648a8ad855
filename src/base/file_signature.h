#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace gunicorn {

/// What changes with the content of a file, without reading it: also where another file takes its place in one step.
struct FileSignature {
    std::int64_t modified_ns = 0;
    std::int64_t size = 0;
    std::uint64_t inode = 0;

    bool operator==(const FileSignature&) const = default;
};

/// Follows symbolic links. Nothing when there is no such file, or none that we may look at.
[[nodiscard]] std::optional<FileSignature> signature_of(const std::string& path);

}  // namespace gunicorn
