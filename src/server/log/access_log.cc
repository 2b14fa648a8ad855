#include "server/log/access_log.h"

namespace gunicorn::server {

Result<AccessLog> AccessLog::create(const std::string& path, AccessFormat format, std::optional<FileOwner> owner) {
    GN_TRY(LogFile file, LogFile::open(path, StandardStream::output, owner));
    AccessLog log(std::move(file), std::move(format));
    log.buffer_.reserve(kBufferSize + 1024);
    return log;
}

void AccessLog::write(const gateway::AccessRecord& record) {
    format_.print(record, buffer_);
    buffer_ += '\n';
    if (buffer_.size() > kBufferSize) flush();
}

void AccessLog::flush() noexcept {
    if (buffer_.empty()) return;
    file_.write(buffer_);
    buffer_.clear();
}

Result<void> AccessLog::reopen() {
    flush();
    return file_.reopen();
}

}  // namespace gunicorn::server
