#include "server/protocol/body_buffer.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/sys.h"

namespace gunicorn::server {
namespace {

constexpr std::size_t kKeptMemory = 16U << 10U;  // of a kept-alive connection between requests

/// A file without a name, readable and writable by us alone.
Result<UniqueFd> unnamed_file(const std::string& directory) {
    UniqueFd file(::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (file) return file;
    if (errno != EOPNOTSUPP && errno != EISDIR) return Unexpected{sys::system_error(directory)};
    std::string name = directory + "/gunicorn-body-XXXXXX";  // the file system has no O_TMPFILE
    file.reset(::mkostemp(name.data(), O_CLOEXEC));
    if (!file) return Unexpected{sys::system_error(name)};
    ::unlink(name.c_str());
    return file;
}

}  // namespace

void BodyBuffer::expect(std::uint64_t size) {
    memory_.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(size, kMemoryLimit)));
}

void BodyBuffer::append(std::string_view bytes) {
    if (error_) return;
    size_ += bytes.size();
    if (!file_ && memory_.size() + bytes.size() <= kMemoryLimit) {
        memory_.append(bytes);
        return;
    }
    auto kept = file_ ? Result<void>() : move_to_file();
    if (kept) kept = sys::write_all(file_.get(), bytes);
    if (!kept) error_ = std::move(kept).error();
}

Result<void> BodyBuffer::move_to_file() {
    std::string directory = directory_;
    if (directory.empty()) {
        const char* from_environment = std::getenv("TMPDIR");
        directory = from_environment != nullptr ? from_environment : "/tmp";
    }
    GN_TRY(file_, unnamed_file(directory));
    GN_CHECK(sys::write_all(file_.get(), memory_));
    std::string().swap(memory_);
    return {};
}

Result<std::size_t> BodyBuffer::read_at(std::uint64_t offset, char* out, std::size_t count) const {
    if (offset >= size_) return std::size_t{0};
    if (!file_) {
        const std::size_t most = std::min(count, memory_.size() - static_cast<std::size_t>(offset));
        std::memcpy(out, memory_.data() + offset, most);
        return most;
    }
    for (;;) {
        const ssize_t got = ::pread(file_.get(), out, count, static_cast<off_t>(offset));
        if (got >= 0) return static_cast<std::size_t>(got);
        if (errno != EINTR) return Unexpected{sys::system_error("buffered request body")};
    }
}

void BodyBuffer::clear() {
    memory_.clear();
    if (memory_.capacity() > kKeptMemory) std::string().swap(memory_);
    file_.reset();
    size_ = 0;
    error_.reset();
}

}  // namespace gunicorn::server
