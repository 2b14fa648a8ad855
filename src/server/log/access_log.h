#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "gateway/access_record.h"
#include "server/log/access_format.h"
#include "server/log/log_file.h"

namespace gunicorn::server {

/// The access log without Python. Lines are collected and written together; one thread (the engine's). Never fails its
/// caller.
class AccessLog {
public:
    static constexpr std::size_t kBufferSize = 16U << 10U;

    /// `path` "-" is standard output. `owner` as in LogFile::open.
    static Result<AccessLog> create(const std::string& path, AccessFormat format, std::optional<FileOwner> owner = {});

    /// Flushes by itself past kBufferSize. **Fork**: flush() before one, or the child has the lines too.
    void write(const gateway::AccessRecord& record);
    /// One write(2) of whole lines. The engine calls it before it blocks and before it ends: the destructor does not.
    void flush() noexcept;
    /// Flushes to the old file, then opens the path again (USR1). After a failure the old file is still in use.
    Result<void> reopen();

    [[nodiscard]] const AccessFormat& format() const noexcept { return format_; }
    /// Lines that could not be written.
    [[nodiscard]] std::uint64_t lost() const noexcept { return file_.lost(); }

private:
    AccessLog(LogFile file, AccessFormat format) : file_(std::move(file)), format_(std::move(format)) {}

    LogFile file_;
    AccessFormat format_;
    std::string buffer_;
};

}  // namespace gunicorn::server
