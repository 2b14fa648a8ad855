#include "app/output.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "base/sys.h"

namespace gunicorn::app {
namespace {

constexpr int kFirstCopy = 100;  // out of the way of what programs count on

UniqueFd copy_of(int fd) { return UniqueFd(::fcntl(fd, F_DUPFD_CLOEXEC, kFirstCopy)); }

bool may_colour(int fd) {
    const char* refused = std::getenv("NO_COLOR");
    return ::isatty(fd) == 1 && (refused == nullptr || *refused == '\0');
}

void write(int fd, std::string_view text) {
    std::fflush(nullptr);
    (void)sys::write_all(fd, text);  // nobody is left to tell
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

void Output::report(std::string_view text) const { write(report_fd(), text); }
void Output::message(std::string_view text) const { write(message_fd(), text); }
bool Output::may_colour_report() const { return may_colour(report_fd()); }
bool Output::may_colour_messages() const { return may_colour(message_fd()); }

}  // namespace gunicorn::app
