#pragma once
// Made from schema/settings.yaml by tools/settings_codegen. Do not edit; edit the schema.

#include "base/result.h"
#include "config/settings.gen.h"
#include "gateway/views.h"
#include "hooks/invoker.h"

namespace gunicorn::hooks {

/// The hooks of one generation, one typed method each. A hook that nobody set costs a branch: no GIL, no call. The invoker
/// outlives it; the settings need not. GIL: taken by the call. Errors are those of Invoker::call.
class HookSet {
public:
    /// No hook is set.
    HookSet() = default;
    HookSet(const config::Settings& settings, Invoker& invoker)
        : invoker_(&invoker) {}

private:
    Invoker* invoker_ = nullptr;
};

}  // namespace gunicorn::hooks
