#pragma once
// What a new master says to the old one, over the pipe of an upgrade: messages of its start as text, and that it serves.

#include <string>
#include <string_view>

namespace gunicorn::server {

/// In the new master. What the pipe has no room for is lost, and all of it when the old master has gone. A text comes
/// without its zero bytes.
void report_message(int fd, std::string_view text) noexcept;
void report_ready(int fd) noexcept;

/// In the old master: what has come so far.
struct UpgradeReport {
    std::string messages;
    bool is_ready = false;

    /// Reads what there is; false when no more will come.
    bool read(int fd);
};

}  // namespace gunicorn::server
