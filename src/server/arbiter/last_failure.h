#pragma once

#include <sys/types.h>

#include <string>

#include "server/worker/boot_journey.h"

namespace gunicorn::server {

/// How a worker ended that should not have.
struct LastFailure {
    pid_t pid = 0;
    int status = 0;  ///< waitpid's
    BootStep step = BootStep::post_fork;
    std::string words;  ///< the end of what it raised; empty when it ended without a word
};

/// "Last failure: worker (pid:7) exited with code 3, step: loading the application", and its words on lines of their own.
[[nodiscard]] std::string summary_of(const LastFailure& failure);

}  // namespace gunicorn::server
