#include "server/log/log_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

#include "base/sys.h"
#include "base/text.h"

namespace gunicorn::server {
namespace {

/// repr() of the OSError that Python makes of an errno.
std::string python_error(int code) {
    const char* name = "OSError";
    switch (code) {
        case ENOENT: name = "FileNotFoundError"; break;
        case EACCES:
        case EPERM: name = "PermissionError"; break;
        case EISDIR: name = "IsADirectoryError"; break;
        case ENOTDIR: name = "NotADirectoryError"; break;
        default: break;
    }
    return fmt::format("{}({}, {})", name, code, text::repr(sys::describe_errno(code)));
}

Result<UniqueFd> open_for_append(const std::string& path) {
    // O_NOCTTY: a terminal as log file must not become the controlling one of a daemon.
    const int fd = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
    if (fd >= 0) return UniqueFd(fd);
    const int code = errno;
    return failure(ErrorKind::system, fmt::format("Error: '{}' isn't writable [{}]", path, python_error(code)), code);
}

/// Never a device or pipe: /dev/null belongs to everybody.
void give_to(const std::optional<FileOwner>& owner, int file) noexcept {
    struct stat status {};
    if (!owner || ::fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) return;
    [[maybe_unused]] const int refused = ::fchown(file, owner->user, owner->group);
}

}  // namespace

std::optional<FileOwner> owner_of_logs(std::int64_t user, std::int64_t group) noexcept {
    const FileOwner owner{static_cast<uid_t>(user), static_cast<gid_t>(group)};
    if (::geteuid() != 0 || (owner.user == 0 && owner.group == ::getegid())) return std::nullopt;
    return owner;
}

Result<LogFile> LogFile::open(const std::string& path, StandardStream standard, std::optional<FileOwner> owner) {
    if (path == "-") return LogFile(path, UniqueFd(), static_cast<int>(standard), owner);
    GN_TRY(UniqueFd file, open_for_append(path));
    give_to(owner, file.get());
    std::string absolute = path.starts_with('/') ? path : sys::working_directory() + "/" + path;
    return LogFile(std::move(absolute), std::move(file), -1, owner);
}

LogFile::LogFile(LogFile&& other) noexcept
    : path_(std::move(other.path_)),
      file_(std::move(other.file_)),
      stream_(other.stream_),
      owner_(other.owner_),
      lost_(other.lost_.load()),
      torn_(other.torn_.load()) {}

LogFile& LogFile::operator=(LogFile&& other) noexcept {
    path_ = std::move(other.path_);
    file_ = std::move(other.file_);
    stream_ = other.stream_;
    owner_ = other.owner_;
    lost_.store(other.lost_.load());
    torn_.store(other.torn_.load());
    return *this;
}

void LogFile::write(std::string_view lines) noexcept {
    if (torn_.load(std::memory_order_relaxed)) {
        if (::write(fd(), "\n", 1) == 1) torn_.store(false, std::memory_order_relaxed);
    }
    bool is_cut = false;  // what is left begins inside a line
    while (!lines.empty()) {
        const ssize_t count = ::write(fd(), lines.data(), lines.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) {
            const auto lost = std::count(lines.begin(), lines.end(), '\n');
            lost_.fetch_add(static_cast<std::uint64_t>(lost), std::memory_order_relaxed);
            if (is_cut) torn_.store(true, std::memory_order_relaxed);
            return;
        }
        is_cut = lines[static_cast<std::size_t>(count) - 1] != '\n';
        lines.remove_prefix(static_cast<std::size_t>(count));
    }
}

Result<void> LogFile::reopen() {
    if (is_standard_stream()) return {};
    GN_TRY(const UniqueFd file, open_for_append(path_));
    give_to(owner_, file.get());
    // In place of the old one: a thread that writes meanwhile never meets a closed descriptor.
    if (::dup3(file.get(), file_.get(), O_CLOEXEC) < 0) return Unexpected{sys::system_error(path_)};
    torn_.store(false, std::memory_order_relaxed);
    return {};
}

Result<void> check_writable(const std::string& path) {
    GN_TRY([[maybe_unused]] const UniqueFd file, open_for_append(path));
    return {};
}

}  // namespace gunicorn::server
