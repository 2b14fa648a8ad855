#include "server/arbiter/last_failure.h"

#include <sys/wait.h>

#include <cstring>

#include <fmt/format.h>

namespace gunicorn::server {
namespace {

std::string end_of(int status) {
    if (!WIFSIGNALED(status)) return fmt::format("exited with code {}", WEXITSTATUS(status));
    const int signo = WTERMSIG(status);
    const char* name = ::sigabbrev_np(signo);
    return name != nullptr ? fmt::format("was ended by SIG{}", name) : fmt::format("was ended by signal {}", signo);
}

}  // namespace

std::string summary_of(const LastFailure& failure) {
    std::string text = fmt::format("Last failure: worker (pid:{}) {}, step: {}", failure.pid, end_of(failure.status),
                                   name_of(failure.step));
    if (!failure.words.empty()) text += "\n" + failure.words;
    return text;
}

}  // namespace gunicorn::server
