#pragma once

#include <functional>

#include "base/clock.h"
#include "gateway/application.h"
#include "gateway/interpreter_lock.h"
#include "gateway/log_sink.h"
#include "server/protocol/dispatch.h"
#include "server/worker/app_errors.h"

namespace gunicorn::server {

class Engine;

/// worker_class sync: the loop calls the application itself, one call at a time, in the worker's main thread. A response that
/// does not fit into its socket waits in the loop while other connections are served.
class InlineDispatch final : public Dispatch {
public:
    /// All outlive the dispatch. `environ_names` are those of the access log format ({name}e).
    InlineDispatch(gateway::Application& application, gateway::InterpreterLock& lock, Engine& engine, AppErrors errors,
                   std::vector<std::string> environ_names)
        : application_(application),
          lock_(lock),
          engine_(engine),
          errors_(std::move(errors)),
          environ_names_(std::move(environ_names)) {}

    void submit(HttpSession& session) override;
    void on_room(HttpSession& session) override;
    void on_abandoned(HttpSession& session) override { give_up(session); }
    /// Never: a session that the loop finds in its application state waits for its client, which does not count. pump() looks.
    void on_overdue(HttpSession&) override {}

private:
    void pump(HttpSession& session);
    void pull(HttpSession& session);
    void complete(HttpSession& session);
    void give_up(HttpSession& session);
    void fail(HttpSession& session, const Error& error);
    void note_duration(Duration duration);

    gateway::Application& application_;
    gateway::InterpreterLock& lock_;
    Engine& engine_;
    AppErrors errors_;
    std::vector<std::string> environ_names_;
    TimePoint entered_{};  // submit() or on_room()
    double average_ms_ = 0;
};

}  // namespace gunicorn::server
