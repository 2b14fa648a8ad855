#include "server/log/access_log.h"

#include <cerrno>
#include <utility>

#include "base/clock.h"

namespace gunicorn::server {

Result<AccessLog> AccessLog::create(const std::string& path, AccessFormat format, std::optional<FileOwner> owner) {
    GN_TRY(LogFile file, LogFile::open(path, StandardStream::output, owner));
    AccessLog log(std::move(file), std::move(format));
    log.buffer_.reserve(kBufferSize + 1024);
    return log;
}

void AccessLog::write(const gateway::AccessRecord& record) {
    if (!exclusions_.is_empty() && exclusions_.has(record.path, record.status)) return;
    if (buffer_.size() > kMostKept) {
        flush();
        if (buffer_.size() > kMostKept) return file_.lose("\n", false, EAGAIN);
    }
    format_.print(record, buffer_);
    buffer_ += '\n';
    if (buffer_.size() > kBufferSize) flush();
}

void AccessLog::flush() noexcept {
    if (buffer_.empty()) return;
    const std::uint64_t lost_before = file_.lost();
    const std::size_t done = file_.write_some(buffer_);
    if (done == buffer_.size()) {
        buffer_.clear();
    } else {
        buffer_.erase(0, done);
    }
    if (file_.lost() != told_) tell_losses(buffer_.empty() && file_.lost() == lost_before);
}

void AccessLog::tell_losses(bool is_over) {
    if (log_ == nullptr) return;
    if (!is_losing_) {
        is_losing_ = true;
        log_->error("The access log cannot be written: " + reason_of_loss(file_.last_error()) + ": lines are lost until it can");
    } else if (is_over) {
        is_losing_ = false;
        log_->warning(losses("access", file_.lost() - std::exchange(told_, file_.lost()), file_.last_error()));
    }
}

void AccessLog::end() noexcept {
    const TimePoint deadline = Clock::now() + std::chrono::seconds(1);
    flush();
    while (!buffer_.empty()) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
        if (left.count() <= 0 || !file_.wait_for_room(left)) break;
        flush();
    }
    if (!buffer_.empty()) file_.lose(buffer_, false, EAGAIN);
    buffer_.clear();
    if (log_ == nullptr || file_.lost() == told_) return;
    log_->warning(losses("access", file_.lost() - std::exchange(told_, file_.lost()), file_.last_error()));
}

Result<void> AccessLog::reopen() {
    flush();
    return file_.reopen();
}

}  // namespace gunicorn::server
