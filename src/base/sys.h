#pragma once
// System calls that answer with a Result that names its object. Nothing here blocks unless it says so.

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>
#include <utility>

#include "base/result.h"
#include "base/unique_fd.h"

namespace gunicorn::sys {

/// Error of kind system: "<what>: <strerror(code)>".
[[nodiscard]] Error system_error(std::string_view what, int code = errno);

/// strerror without its shared buffer.
[[nodiscard]] std::string describe_errno(int code);

struct Pipe {
    UniqueFd read_end;
    UniqueFd write_end;
};
/// Both ends close-on-exec and non-blocking.
Result<Pipe> pipe();

/// Close-on-exec, non-blocking, counter 0.
Result<UniqueFd> event_fd();

/// The whole file; `limit` bytes at most. Blocks while a pipe or terminal gives nothing, for `patience` at the longest: an
/// error with ETIMEDOUT then. What is endless is an error with EFBIG.
Result<std::string> read_file(const std::string& path, std::size_t limit = 64U << 20U,
                              std::chrono::milliseconds patience = std::chrono::seconds(5));

/// Writes all bytes to a descriptor, waiting for room where it is non-blocking. Blocks.
Result<void> write_all(int fd, std::string_view bytes);

/// Words as execve() takes them: pointers into `words`, which live as long as they do, and null.
[[nodiscard]] std::vector<char*> exec_words(std::vector<std::string>& words);

/// Fills `bytes` with what nobody can guess (getrandom). Blocks only while a machine that just starts has no entropy yet.
Result<void> random_bytes(std::span<std::byte> bytes);

/// The working directory; $PWD when that is the same directory (so that symbolic links stay), as Gunicorn's util.getcwd.
[[nodiscard]] std::string working_directory();
/// `written` as it is read with `directory` as the working directory.
[[nodiscard]] std::string absolute_path(const std::string& written, const std::string& directory);

[[nodiscard]] bool is_file(const std::string& path);
[[nodiscard]] bool is_directory(const std::string& path);

}  // namespace gunicorn::sys
