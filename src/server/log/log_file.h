#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace gunicorn::server {

/// What "-" stands for: the error log goes to standard error, the access log to standard output.
enum class StandardStream : int { output = 1, error = 2 };

struct FileOwner {
    uid_t user;
    gid_t group;
};
/// Whose the log files have to be, so that workers with these ids can open them again: nothing unless this process is root
/// and they are somebody else (Gunicorn: glogging.Logger._set_handler).
[[nodiscard]] std::optional<FileOwner> owner_of_logs(std::int64_t user, std::int64_t group) noexcept;

/// A file opened for appending, or a standard stream: whole lines in, one write(2) a call. Writing never fails for its
/// caller, and never waits for whoever reads a pipe, socket or terminal; flags of descriptors stay as they are, since others
/// may share them. Into a pipe lines go in pieces that the kernel does not mix with those of other processes (PIPE_BUF).
/// Writing is safe from several threads; SIGPIPE must be ignored in the process.
///
/// Linux before 6.4 cannot be told for one write to a pipe not to wait: there it is asked for room before, and two processes
/// that take the last room of a pipe at once may make one of them wait for the reader.
class LogFile {
public:
    /// "-" is the stream. A relative path is fixed to the working directory of now. The error is Gunicorn's text:
    /// "Error: 'f' isn't writable [FileNotFoundError(2, 'No such file or directory')]". With an owner a regular file becomes
    /// his, now and when it is opened again; where that cannot be, it stays whose it is. A named pipe without a reader is an
    /// error, too.
    static Result<LogFile> open(const std::string& path, StandardStream standard, std::optional<FileOwner> owner = {});

    LogFile(LogFile&& other) noexcept;
    LogFile& operator=(LogFile&& other) noexcept;

    /// Lines that end in "\n". What cannot be written (full disk, closed or full pipe) is counted and gone; a line cut in
    /// the middle is ended before the next one. Answers whether nothing was lost.
    bool write(std::string_view lines) noexcept;
    /// The same, but what has no room in a pipe now is left to the caller, who writes the rest later or loses it. Answers how
    /// many bytes are done with.
    std::size_t write_some(std::string_view lines) noexcept;
    /// Counts the lines of `rest` as lost. `is_cut`: it begins inside of a line.
    void lose(std::string_view rest, bool is_cut, int error_code) noexcept;
    /// Waits until a pipe has room, that long at most.
    [[nodiscard]] bool wait_for_room(std::chrono::milliseconds most) const noexcept;

    /// Opens the path again (USR1); a standard stream stays. After a failure the old file is still in use.
    Result<void> reopen();

    /// Lines that could not be written.
    [[nodiscard]] std::uint64_t lost() const noexcept { return lost_.load(std::memory_order_relaxed); }
    /// Why the last one could not: errno.
    [[nodiscard]] int last_error() const noexcept { return last_error_.load(std::memory_order_relaxed); }
    /// Where it writes; the number stays the same over reopen().
    [[nodiscard]] int fd() const noexcept { return file_ ? file_.get() : stream_; }
    /// Absolute; "-" for a stream.
    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    [[nodiscard]] bool is_standard_stream() const noexcept { return !file_; }

private:
    LogFile(std::string path, UniqueFd file, int stream, std::optional<FileOwner> owner)
        : path_(std::move(path)), file_(std::move(file)), stream_(stream), owner_(owner) {}
    [[nodiscard]] bool may_wait() const noexcept;

    std::string path_;
    UniqueFd file_;  // none for a stream, which is not ours to close
    int stream_;
    std::optional<FileOwner> owner_;
    std::atomic<bool> is_regular_{false};  // of file_
    std::atomic<std::uint64_t> lost_{0};
    std::atomic<int> last_error_{0};
    std::atomic<bool> torn_{false};  // the last bytes written end in the middle of a line
};

[[nodiscard]] std::string reason_of_loss(int error_code);
/// "3 lines of the access log were lost: No space left on device"
[[nodiscard]] std::string losses(std::string_view log, std::uint64_t lines, int error_code);

/// Gunicorn: util.check_is_writable. Opens (and makes) the file as LogFile would and says the same when it cannot.
Result<void> check_writable(const std::string& path);

}  // namespace gunicorn::server
