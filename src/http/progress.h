#pragma once

#include <cstddef>

namespace gunicorn::http {

/// What an incremental parser did with the bytes it was fed. Needing more is an answer, not an error.
struct Progress {
    std::size_t consumed = 0;  ///< all of the input while not complete; what follows belongs to the next stage
    bool complete = false;
    bool operator==(const Progress&) const = default;
};

}  // namespace gunicorn::http
