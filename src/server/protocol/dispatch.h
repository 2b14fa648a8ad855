#pragma once

#include "base/clock.h"
#include "base/result.h"

namespace gunicorn::server {

class HttpSession;

/// Where application code runs: the border between the engine and the two ways of calling Python. All on the engine's thread.
class Dispatch {
public:
    virtual ~Dispatch() = default;
    /// A complete request. The session stays in its application state until the dispatch ends the response.
    virtual void submit(HttpSession& session) = 0;
    /// All output that the session had was sent: there is room for more.
    virtual void on_room(HttpSession& session) = 0;
    /// The connection is gone while its response is not finished: stop producing. The session lives until release() of it.
    virtual void on_abandoned(HttpSession& session) = 0;
    /// request_timeout has passed: fail() of the session while no application code runs for it, else expire().
    virtual void on_overdue(HttpSession& session) = 0;
    /// The engine has run what was ready. Answers for how long it may block now; zero when this has made something ready.
    virtual Duration end_turn() { return Duration::max(); }
};

}  // namespace gunicorn::server
