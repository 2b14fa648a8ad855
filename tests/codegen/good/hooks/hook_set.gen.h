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
        : invoker_(&invoker),
          nworkers_changed_(settings.nworkers_changed),
          post_request_(settings.post_request) {}

    /// Called when the number of workers changes.
    Result<void> nworkers_changed(gateway::ServerView server, gateway::CountView new_value, gateway::CountView old_value) const {
        if (!nworkers_changed_.is_set) return {};
        const gateway::HookArgument arguments[] = {server, new_value, old_value};
        return invoker_->call(nworkers_changed_, arguments);
    }
    [[nodiscard]] bool has_nworkers_changed() const noexcept { return nworkers_changed_.is_set; }

    /// Called after a request.
    Result<void> post_request(gateway::WorkerView worker, gateway::ObjectView req, gateway::ObjectView environ, gateway::ObjectView resp) const {
        if (!post_request_.is_set) return {};
        const gateway::HookArgument arguments[] = {worker, req, environ, resp};
        return invoker_->call(post_request_, arguments);
    }
    [[nodiscard]] bool has_post_request() const noexcept { return post_request_.is_set; }

private:
    Invoker* invoker_ = nullptr;
    config::HookValue nworkers_changed_;
    config::HookValue post_request_;
};

}  // namespace gunicorn::hooks
