#pragma once

#include <span>

#include "base/result.h"
#include "config/value.h"
#include "gateway/views.h"

namespace gunicorn::hooks {

/// Calls a Python callable. Implemented by `python`; a test records the calls.
class Invoker {
public:
    virtual ~Invoker() = default;
    /// GIL: taken. `arguments` has exactly `hook.arity` entries or more; surplus ones are dropped from the end
    /// (post_request). A Python exception is an Error of kind `python` with its traceback, SystemExit one of kind
    /// `system_exit`.
    virtual Result<void> call(const config::HookValue& hook, std::span<const gateway::HookArgument> arguments) = 0;
};

}  // namespace gunicorn::hooks
