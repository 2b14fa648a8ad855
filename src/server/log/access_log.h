#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "config/access_exclusions.h"
#include "gateway/access_record.h"
#include "gateway/log_sink.h"
#include "server/log/access_format.h"
#include "server/log/log_file.h"

namespace gunicorn::server {

/// The access log without Python. Lines are collected and written together; one thread (the engine's). Never fails its
/// caller, and never waits: lines that a pipe has no room for are kept up to kMostKept bytes, then new ones are lost.
class AccessLog {
public:
    static constexpr std::size_t kBufferSize = 16U << 10U;
    static constexpr std::size_t kMostKept = 256U << 10U;

    /// `path` "-" is standard output. `owner` as in LogFile::open.
    static Result<AccessLog> create(const std::string& path, AccessFormat format, std::optional<FileOwner> owner = {});

    /// Requests that get no line. Before the first one.
    void exclude(config::AccessExclusions exclusions) { exclusions_ = std::move(exclusions); }

    /// Where it is told that lines are lost, once, and how many, when they no longer are. It outlives this.
    void report_to(gateway::LogSink& log) noexcept { log_ = &log; }

    /// Flushes by itself past kBufferSize. **Fork**: flush() before one, or the child has the lines too.
    void write(const gateway::AccessRecord& record);
    /// One write(2) of whole lines. The engine calls it before it blocks and before it ends: the destructor does not.
    void flush() noexcept;
    /// The last flush of a process: waits a second at most for room in a pipe, then tells what was lost.
    void end() noexcept;
    /// Flushes to the old file, then opens the path again (USR1). After a failure the old file is still in use.
    Result<void> reopen();

    [[nodiscard]] const AccessFormat& format() const noexcept { return format_; }
    /// Lines that could not be written.
    [[nodiscard]] std::uint64_t lost() const noexcept { return file_.lost(); }

private:
    AccessLog(LogFile file, AccessFormat format) : file_(std::move(file)), format_(std::move(format)) {}

    void tell_losses(bool is_over);

    LogFile file_;
    AccessFormat format_;
    config::AccessExclusions exclusions_;
    gateway::LogSink* log_ = nullptr;
    std::uint64_t told_ = 0;  // of lost()
    bool is_losing_ = false;
    std::string buffer_;
};

}  // namespace gunicorn::server
