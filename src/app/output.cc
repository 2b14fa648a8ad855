#include "app/output.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/sys.h"
#include "server/arbiter/upgrade_report.h"

namespace gunicorn::app {
namespace {

constexpr int kFirstCopy = 100;  // out of the way of what programs count on

UniqueFd copy_of(int fd) { return UniqueFd(::fcntl(fd, F_DUPFD_CLOEXEC, kFirstCopy)); }

bool may_colour(int fd) {
    const char* refused = std::getenv("NO_COLOR");
    return ::isatty(fd) == 1 && (refused == nullptr || *refused == '\0');
}

/// The descriptor that the parent, who waits for us, has under that number.
UniqueFd descriptor_of_parent(int number) {
    const std::string path = "/proc/" + std::to_string(::getppid()) + "/fd/" + std::to_string(number);
    return UniqueFd(::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
}

/// `number` is what the descriptor is a copy of.
Result<void> write(int fd, int number, std::string_view text) {
    std::fflush(nullptr);
    if (::fcntl(fd, F_GETFD) >= 0) return sys::write_all(fd, text);
    const UniqueFd again = descriptor_of_parent(number);
    if (!again) return Unexpected{sys::system_error("standard output of the parent")};
    return sys::write_all(again.get(), text);
}

}  // namespace

Output Output::shielded() {
    std::fflush(nullptr);
    Output output;
    output.report_ = copy_of(1);
    output.messages_ = copy_of(2);
    ::dup2(2, 1);
    return output;
}

Output Output::heard_by(int old_master) {
    Output output;
    output.old_master_ = old_master;
    return output;
}

void Output::report(std::string_view text) const {
    if (auto written = write(report_fd(), 1, text); !written && !lost_) lost_ = std::move(written).error();
}

void Output::message(std::string_view text) const {
    (void)write(message_fd(), 2, text);  // there is no other place to say so
    if (old_master_ >= 0) server::report_message(old_master_, text);
}
bool Output::may_colour_report() const { return may_colour(report_fd()); }
bool Output::may_colour_messages() const { return old_master_ < 0 && may_colour(message_fd()); }

int fail(std::string_view message, const Output& output) {
    output.message("\nError: " + std::string(message) + "\n");
    return 1;
}

}  // namespace gunicorn::app
