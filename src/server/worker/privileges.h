#pragma once

#include <cstdint>

#include "base/result.h"

namespace gunicorn::server {

struct Privileges {
    std::int64_t user = 0;
    std::int64_t group = 0;
    bool initgroups = false;  ///< take the supplementary groups of the user too
};

/// Gives up the privileges of the master (Gunicorn: util.set_owner_process). Supplementary groups of the master are dropped
/// whenever user or group change, with or without initgroups. **Fork**: in the worker, single-threaded.
Result<void> drop_privileges(const Privileges& wanted);

}  // namespace gunicorn::server
