#pragma once

#include <optional>
#include <string>

#include "base/file_signature.h"

namespace gunicorn::gateway {

/// A file that the code of this process was made from, or could not be made for want of.
struct LoadedFile {
    std::string path;  ///< absolute
    /// Whether it is known what it was like when it was needed; else what it is like now has to do.
    bool is_known = false;
    std::optional<FileSignature> when_needed = {};  ///< if known; nothing: there was no such file
};

}  // namespace gunicorn::gateway
