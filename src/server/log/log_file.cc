#include "server/log/log_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

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
    // O_NOCTTY: a terminal as log file must not become the controlling one of a daemon. O_NONBLOCK: open() of a named pipe
    // would wait for its reader.
    const int fd = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0666);
    if (fd >= 0) {
        ::fcntl(fd, F_SETFL, O_APPEND);  // who gets this descriptor as a stream (capture_output) expects to wait
        return UniqueFd(fd);
    }
    const int code = errno;
    return failure(ErrorKind::system, fmt::format("Error: '{}' isn't writable [{}]", path, python_error(code)), code);
}

bool is_regular(int file) noexcept {
    struct stat status {};
    return ::fstat(file, &status) == 0 && S_ISREG(status.st_mode);
}

/// write(2) that fails with EAGAIN instead of waiting.
ssize_t write_at_once(int fd, std::string_view bytes) noexcept {
    iovec part{const_cast<char*>(bytes.data()), bytes.size()};
    const ssize_t count = ::pwritev2(fd, &part, 1, -1, RWF_NOWAIT);
    if (count >= 0 || (errno != EOPNOTSUPP && errno != ENOSYS && errno != EINVAL)) return count;
    pollfd room{fd, POLLOUT, 0};
    if (::poll(&room, 1, 0) == 0) {
        errno = EAGAIN;
        return -1;
    }
    return ::write(fd, bytes.data(), bytes.size());
}

/// As many whole lines as a pipe takes at once, or the first line.
std::string_view indivisible(std::string_view lines) noexcept {
    if (lines.size() <= PIPE_BUF) return lines;
    const std::size_t end = lines.rfind('\n', PIPE_BUF - 1);
    return lines.substr(0, end != std::string_view::npos ? end + 1 : lines.find('\n') + 1);
}

/// Never a device or pipe: /dev/null belongs to everybody.
void give_to(const std::optional<FileOwner>& owner, int file) noexcept {
    if (!owner || !is_regular(file)) return;
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
    std::string absolute = sys::absolute_path(path, sys::working_directory());
    LogFile opened(std::move(absolute), std::move(file), -1, owner);
    opened.is_regular_ = is_regular(opened.fd());
    return opened;
}

LogFile::LogFile(LogFile&& other) noexcept
    : path_(std::move(other.path_)),
      file_(std::move(other.file_)),
      stream_(other.stream_),
      owner_(other.owner_),
      is_regular_(other.is_regular_.load()),
      lost_(other.lost_.load()),
      last_error_(other.last_error_.load()),
      torn_(other.torn_.load()) {}

LogFile& LogFile::operator=(LogFile&& other) noexcept {
    path_ = std::move(other.path_);
    file_ = std::move(other.file_);
    stream_ = other.stream_;
    owner_ = other.owner_;
    is_regular_.store(other.is_regular_.load());
    lost_.store(other.lost_.load());
    last_error_.store(other.last_error_.load());
    torn_.store(other.torn_.load());
    return *this;
}

/// A standard stream may become another file at any time (a daemon's, capture_output).
bool LogFile::may_wait() const noexcept {
    return is_standard_stream() ? !is_regular(stream_) : !is_regular_.load(std::memory_order_relaxed);
}

bool LogFile::write(std::string_view lines) noexcept {
    const std::uint64_t before = lost();
    const std::size_t done = write_some(lines);
    if (done < lines.size()) lose(lines.substr(done), done > 0 && lines[done - 1] != '\n', EAGAIN);
    return lost() == before;
}

std::size_t LogFile::write_some(std::string_view lines) noexcept {
    const bool in_pieces = may_wait();
    const auto write_once = [&](std::string_view bytes) {
        return in_pieces ? write_at_once(fd(), bytes) : ::write(fd(), bytes.data(), bytes.size());
    };
    if (torn_.load(std::memory_order_relaxed) && write_once("\n") == 1) torn_.store(false, std::memory_order_relaxed);
    std::size_t done = 0;
    while (done < lines.size()) {
        const std::string_view rest = lines.substr(done);
        const ssize_t count = write_once(in_pieces ? indivisible(rest) : rest);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && errno == EAGAIN && in_pieces) return done;
        if (count <= 0) {
            lose(rest, done > 0 && lines[done - 1] != '\n', errno);
            return lines.size();
        }
        done += static_cast<std::size_t>(count);
    }
    return done;
}

void LogFile::lose(std::string_view rest, bool is_cut, int error_code) noexcept {
    last_error_.store(error_code, std::memory_order_relaxed);
    const auto lines = std::count(rest.begin(), rest.end(), '\n');
    lost_.fetch_add(static_cast<std::uint64_t>(lines), std::memory_order_relaxed);
    if (is_cut) torn_.store(true, std::memory_order_relaxed);
}

bool LogFile::wait_for_room(std::chrono::milliseconds most) const noexcept {
    pollfd room{fd(), POLLOUT, 0};
    return ::poll(&room, 1, static_cast<int>(most.count())) > 0;
}

Result<void> LogFile::reopen() {
    if (is_standard_stream()) return {};
    GN_TRY(const UniqueFd file, open_for_append(path_));
    give_to(owner_, file.get());
    // In place of the old one: a thread that writes meanwhile never meets a closed descriptor.
    if (::dup3(file.get(), file_.get(), O_CLOEXEC) < 0) return Unexpected{sys::system_error(path_)};
    is_regular_ = is_regular(file_.get());
    torn_.store(false, std::memory_order_relaxed);
    return {};
}

std::string reason_of_loss(int error_code) {
    return error_code == EAGAIN ? "nobody reads it fast enough" : sys::describe_errno(error_code);
}

std::string losses(std::string_view log, std::uint64_t lines, int error_code) {
    return fmt::format("{} line{} of the {} log {} lost: {}", lines, lines == 1 ? "" : "s", log, lines == 1 ? "was" : "were",
                       reason_of_loss(error_code));
}

Result<void> check_writable(const std::string& path) {
    GN_TRY([[maybe_unused]] const UniqueFd file, open_for_append(path));
    return {};
}

}  // namespace gunicorn::server
