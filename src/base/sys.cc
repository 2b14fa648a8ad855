#include "base/sys.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <climits>
#include <cstdlib>
#include <system_error>

namespace gunicorn::sys {

std::string describe_errno(int code) { return std::generic_category().message(code); }

Error system_error(std::string_view what, int code) {
    return Error{ErrorKind::system, code, std::string(what) + ": " + describe_errno(code)};
}

Result<Pipe> pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return Unexpected{system_error("pipe")};
    return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

Result<UniqueFd> event_fd() {
    const int fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0) return Unexpected{system_error("eventfd")};
    return UniqueFd(fd);
}

Result<std::string> read_file(const std::string& path, std::size_t limit, std::chrono::milliseconds patience) {
    // Non-blocking: nobody may ever write to a named pipe.
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!fd) return Unexpected{system_error(path)};
    struct stat status {};
    const bool may_wait = ::fstat(fd.get(), &status) == 0 && (S_ISFIFO(status.st_mode) || S_ISCHR(status.st_mode));
    std::string bytes;
    char buffer[16384];
    for (;;) {
        if (may_wait) {
            pollfd wait{fd.get(), POLLIN, 0};
            if (::poll(&wait, 1, static_cast<int>(patience.count())) == 0) return Unexpected{system_error(path, ETIMEDOUT)};
        }
        const ssize_t count = ::read(fd.get(), buffer, sizeof buffer);
        if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (count < 0) return Unexpected{system_error(path)};
        if (count == 0) return bytes;
        bytes.append(buffer, static_cast<std::size_t>(count));
        if (bytes.size() > limit) return Unexpected{system_error(path, EFBIG)};
    }
}

Result<void> write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(fd, bytes.data(), bytes.size());
        if (count >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(count));
        } else if (errno == EAGAIN) {
            pollfd wait{fd, POLLOUT, 0};
            if (::poll(&wait, 1, -1) < 0 && errno != EINTR) return Unexpected{system_error("poll")};
        } else if (errno != EINTR) {
            return Unexpected{system_error("write")};
        }
    }
    return {};
}

std::vector<char*> exec_words(std::vector<std::string>& words) {
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    return pointers;
}

Result<void> random_bytes(std::span<std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::getrandom(bytes.data(), bytes.size(), 0);
        if (count >= 0) {
            bytes = bytes.subspan(static_cast<std::size_t>(count));
        } else if (errno != EINTR) {
            return Unexpected{system_error("getrandom")};
        }
    }
    return {};
}

std::string working_directory() {
    struct stat logical {};
    struct stat physical {};
    const char* pwd = std::getenv("PWD");
    if (pwd != nullptr && ::stat(pwd, &logical) == 0 && ::stat(".", &physical) == 0 && logical.st_ino == physical.st_ino &&
        logical.st_dev == physical.st_dev) {
        return pwd;
    }
    char buffer[PATH_MAX];
    return ::getcwd(buffer, sizeof buffer) != nullptr ? std::string(buffer) : std::string("/");
}

std::string absolute_path(const std::string& written, const std::string& directory) {
    return written.starts_with('/') ? written : directory + "/" + written;
}

bool is_file(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

bool is_directory(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

}  // namespace gunicorn::sys
