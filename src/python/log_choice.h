#pragma once

#include <atomic>

namespace gunicorn::python {

/// What gunicorn.glogging._choice answered for the logger in force. Written with the GIL, read by any thread.
struct LogChoice {
    std::atomic<bool> is_native{true};     ///< the server may write both logs by itself
    std::atomic<bool> logs_access{false};  ///< access lines come from Logger.access
    std::atomic<int> least_level{0};       ///< of the error log; what is less important need not be made
};

}  // namespace gunicorn::python
