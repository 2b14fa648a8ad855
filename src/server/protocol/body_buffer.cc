#include "server/protocol/body_buffer.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "base/sys.h"

namespace gunicorn::server {
namespace {

constexpr std::size_t kWriteSize = 64U << 10U;
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
    const std::size_t room = file_ ? kWriteSize - 1 : kMemoryLimit;
    if (memory_.size() + bytes.size() <= room) {
        memory_.append(bytes);
    } else if (auto kept = write_out(bytes); !kept) {
        error_ = std::move(kept).error();
    }
}

/// What was collected goes to the file. `bytes` follow, or wait for more of their kind: chunks may be of one byte each.
Result<void> BodyBuffer::write_out(std::string_view bytes) {
    if (!file_) GN_CHECK(open_file());
    GN_CHECK(sys::write_all(file_.get(), memory_));
    written_ += memory_.size();
    memory_.clear();
    if (memory_.capacity() > kWriteSize) std::string().swap(memory_);
    if (bytes.size() < kWriteSize) {
        memory_.append(bytes);
        return {};
    }
    GN_CHECK(sys::write_all(file_.get(), bytes));
    written_ += bytes.size();
    return {};
}

Result<void> BodyBuffer::open_file() {
    std::string directory = directory_;
    if (directory.empty()) {
        const char* from_environment = std::getenv("TMPDIR");
        directory = from_environment != nullptr ? from_environment : "/tmp";
    }
    GN_TRY(file_, unnamed_file(directory));
    return {};
}

Result<std::size_t> BodyBuffer::read_at(std::uint64_t offset, char* out, std::size_t count) const {
    std::size_t done = 0;
    while (done < count && offset + done < written_) {
        const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(count - done, written_ - offset - done));
        const ssize_t got = ::pread(file_.get(), out + done, most, static_cast<off_t>(offset + done));
        if (got < 0 && errno != EINTR) return Unexpected{sys::system_error("buffered request body")};
        if (got == 0) return done;  // somebody has cut the file
        if (got > 0) done += static_cast<std::size_t>(got);
    }
    const std::string_view rest = std::string_view(memory_).substr(
        std::min(memory_.size(), static_cast<std::size_t>(std::max(offset + done, written_) - written_)));
    return done + rest.copy(out + done, count - done);
}

void BodyBuffer::clear() {
    memory_.clear();
    if (memory_.capacity() > kKeptMemory) std::string().swap(memory_);
    file_.reset();
    size_ = written_ = 0;
    error_.reset();
}

}  // namespace gunicorn::server
