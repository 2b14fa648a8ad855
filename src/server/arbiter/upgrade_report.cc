#include "server/arbiter/upgrade_report.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace gunicorn::server {
namespace {

constexpr char kReady = '\0';  // is in no message

}  // namespace

void report_message(int fd, std::string_view text) noexcept {
    while (!text.empty()) {
        const std::string_view part = text.substr(0, text.find(kReady));
        if (!part.empty() && ::write(fd, part.data(), part.size()) < 0) return;
        text.remove_prefix(std::min(text.size(), part.size() + 1));
    }
}

void report_ready(int fd) noexcept { [[maybe_unused]] const auto written = ::write(fd, &kReady, 1); }

bool UpgradeReport::read(int fd) {
    char bytes[4096];
    for (;;) {
        const ssize_t count = ::read(fd, bytes, sizeof bytes);
        if (count <= 0) return count < 0 && (errno == EAGAIN || errno == EINTR);
        messages.append(bytes, static_cast<std::size_t>(count));
        if (messages.back() != kReady) continue;
        messages.pop_back();
        is_ready = true;
        return false;
    }
}

}  // namespace gunicorn::server
