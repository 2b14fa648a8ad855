#include "app/orphans.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <string>
#include <system_error>

#include "base/sys.h"
#include "base/text.h"

namespace gunicorn::app {

void adopt_orphans() noexcept { ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

void kill_children() {
    // A child belongs to the thread that made it.
    std::error_code error;
    for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task", error)) {
        const auto children = sys::read_file(thread.path().string() + "/children");
        if (!children) continue;
        for (const std::string_view pid : text::split(text::trim(*children), ' ')) {
            if (const auto number = text::parse_decimal(pid)) ::kill(static_cast<pid_t>(*number), SIGKILL);
        }
    }
}

void end_orphans() {
    for (;;) {
        kill_children();
        if (::waitpid(-1, nullptr, 0) < 0 && errno != EINTR) return;
    }
}

}  // namespace gunicorn::app
