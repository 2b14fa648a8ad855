#include "base/file_signature.h"

#include <sys/stat.h>

namespace gunicorn {

std::optional<FileSignature> signature_of(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return std::nullopt;
    constexpr std::int64_t kNanoseconds = 1'000'000'000;
    return FileSignature{.modified_ns = status.st_mtim.tv_sec * kNanoseconds + status.st_mtim.tv_nsec,
                         .size = status.st_size,
                         .inode = status.st_ino};
}

}  // namespace gunicorn
