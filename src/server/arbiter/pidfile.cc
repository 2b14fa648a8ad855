#include "server/arbiter/pidfile.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "base/assert.h"
#include "base/sys.h"
#include "base/text.h"
#include "base/unique_fd.h"

namespace gunicorn::server {
namespace {

constexpr std::size_t kLimit = 4096;  // a longer "pid file" is some other file

/// Of an absolute path.
std::string directory_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == 0 ? "/" : path.substr(0, slash);
}

/// Nothing for garbage. Zero and negative numbers are garbage too: kill() would read them as process groups.
std::optional<pid_t> parse_pid(std::string_view content) {
    const std::optional<std::uint64_t> number = text::parse_decimal(text::trim(content));
    if (!number || *number == 0 || *number > static_cast<std::uint64_t>(std::numeric_limits<pid_t>::max()))
        return std::nullopt;
    return static_cast<pid_t>(*number);
}

Result<void> write_whole(const std::string& path, pid_t pid) {
    const std::string directory = directory_of(path);
    std::string temporary = sys::absolute_path(".gunicorn-pid.XXXXXX", directory);
    const UniqueFd fd(::mkostemp(temporary.data(), O_CLOEXEC));
    if (!fd) return Unexpected{sys::system_error(path)};
    const std::string content = fmt::format("{}\n", pid);
    Result<void> written = sys::write_all(fd.get(), content);
    if (!written) written = Unexpected{sys::system_error(path, written.error().code)};
    if (written && ::fchmod(fd.get(), 0644) != 0) written = Unexpected{sys::system_error(path)};
    if (written && ::rename(temporary.c_str(), path.c_str()) != 0) written = Unexpected{sys::system_error(path)};
    if (!written) ::unlink(temporary.c_str());
    return written;
}

}  // namespace

Result<pid_t> Pidfile::validate(const std::string& path) {
    Result<std::string> content = sys::read_file(path, kLimit);
    if (!content) {
        if (content.error().code == ENOENT || content.error().code == EFBIG) return pid_t{0};
        return Unexpected{std::move(content).error()};
    }
    const std::optional<pid_t> pid = parse_pid(*content);
    if (!pid) return pid_t{0};
    if (::kill(*pid, 0) == 0 || errno == EPERM) return *pid;
    return pid_t{0};
}

Pidfile::Pidfile(std::string path) : path_(std::move(path)), file_(sys::absolute_path(path_, sys::working_directory())) {}

Result<void> Pidfile::create(pid_t pid) { return replace(pid, 0); }

Result<void> Pidfile::replace(pid_t pid, pid_t gone) {
    const std::string directory = directory_of(file_);
    if (!sys::is_directory(directory)) {
        return failure(ErrorKind::not_found, fmt::format("{} doesn't exist. Can't create pidfile.", directory));
    }
    GN_TRY(const pid_t owner, validate(file_));
    if (owner != 0 && owner != pid && owner != gone) {
        return failure(ErrorKind::invalid_argument,
                       fmt::format("Already running on PID {} (or pid file '{}' is stale)", owner, path_));
    }
    if (owner != pid) GN_CHECK(write_whole(file_, pid));
    pid_ = pid;
    return {};
}

Result<void> Pidfile::rename(const std::string& path, pid_t gone) {
    GN_ASSERT(pid_ != 0, "a pid file is made before it is renamed");
    Pidfile other(path);
    GN_CHECK(other.replace(pid_, gone));
    if (!is_same_file(other)) unlink();
    *this = std::move(other);
    return {};
}

void Pidfile::unlink() noexcept {
    if (pid_ == 0) return;
    const Result<std::string> content = sys::read_file(file_, kLimit);
    if (content && parse_pid(*content) == pid_) ::unlink(file_.c_str());
}

}  // namespace gunicorn::server
