#pragma once

#include "python/python.h"

#include <memory>

#include "config/access_exclusions.h"
#include "gateway/application.h"
#include "gateway/worker_runtime.h"
#include "python/error.h"
#include "python/wsgi/call_objects.h"
#include "python/wsgi/environ.h"

namespace gunicorn::python {

class Runtime;

/// Calls a WSGI callable (PEP 3333). One a worker; threads call it one at a time, GIL held.
class WsgiApplication final : public gateway::Application {
public:
    /// `runtime` outlives the application. `worker` is the worker object that hooks receive.
    static PyResult<std::unique_ptr<gateway::Application>> create(Runtime& runtime, Ref callable, Ref worker,
                                                                  const gateway::ApplicationOptions& options);

    Result<std::unique_ptr<gateway::ResponseSource>> call(gateway::Exchange& exchange) override;

private:
    friend class WsgiResponse;
    WsgiApplication(Runtime& runtime, Ref callable, Ref worker, EnvironBuilder environ)
        : runtime_(runtime), callable_(std::move(callable)), worker_(std::move(worker)), environ_(std::move(environ)) {}

    [[nodiscard]] bool has_python_access_log() const;

    Runtime& runtime_;
    Ref callable_;
    Ref worker_;
    EnvironBuilder environ_;
    Ref input_type_;
    Ref empty_input_;  // shared by all requests without a body: it never changes
    CallObjectPool objects_;
    Ref file_wrapper_type_;
    bool has_pre_request_ = false;
    bool has_post_request_ = false;
    config::AccessExclusions access_exclusions_;  // of a Python access log
    bool sendfile_ = true;
};

}  // namespace gunicorn::python
