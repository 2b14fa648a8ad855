#include "app/orphans.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <string>
#include <system_error>

#include "base/sys.h"
#include "base/text.h"

namespace gunicorn::app {

void adopt_orphans() noexcept { ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

std::vector<pid_t> children() {
    std::vector<pid_t> found;
    std::error_code error;
    for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task", error)) {  // each has its own
        const auto listed = sys::read_file(thread.path().string() + "/children");
        if (!listed) continue;
        for (const std::string_view pid : text::split(text::trim(*listed), ' ')) {
            if (const auto number = text::parse_decimal(pid)) found.push_back(static_cast<pid_t>(*number));
        }
    }
    return found;
}

void kill_children() {
    for (const pid_t child : children()) ::kill(child, SIGKILL);
}

void end_orphans(const std::vector<pid_t>& spared) {
    while (true) {
        std::vector<pid_t> left = children();
        std::erase_if(left, [&](pid_t child) { return std::ranges::find(spared, child) != spared.end(); });
        if (left.empty()) return;
        for (const pid_t child : left) ::kill(child, SIGKILL);
        for (const pid_t child : left) {
            while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
            }
        }
    }
}

}  // namespace gunicorn::app
