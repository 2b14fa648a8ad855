#pragma once

#include <chrono>
#include <string>

#include "app/preparation.h"

namespace gunicorn::app {

/// What a check knows when it ends well.
struct CheckSummary {
    config::CheckLevel level;
    std::chrono::duration<double> took;
    std::string findings;          ///< "2 warnings", or nothing
    std::string application = {};  ///< "app:app, function in app.py:3, imported in 0.84 s, 42 MiB"
};

/// One page: which settings differ from their defaults and who said so, what will listen where, as whom, how many processes
/// and threads, which hooks, which application.
std::string success_page(Preparation& preparation, const CheckSummary& summary);

}  // namespace gunicorn::app
