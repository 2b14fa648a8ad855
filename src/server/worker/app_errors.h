#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/result.h"
#include "gateway/log_sink.h"
#include "http/request_head.h"
#include "server/log/access_format.h"

namespace gunicorn::server {

/// What becomes of an error that application code raised: the log line, and the end of the worker where it asked for that.
class AppErrors {
public:
    /// `end_worker` is called with the status of a SystemExit; any thread that runs application code.
    AppErrors(gateway::LogSink& log, std::function<void(int)> end_worker) : log_(log), end_worker_(std::move(end_worker)) {}

    /// Gunicorn: base.Worker.handle_error ("Error handling request /path" and the traceback); the request line as well.
    void while_handling(const http::RequestHead& head, const Error& error) const {
        report("Error handling request " + escaped(head.target()) + " (" + escaped(head.request_line()) + ")", error);
    }
    /// What post_request or close() raised: the answer has been given.
    void after_response(const Error& error) const { report("Exception after the response was sent", error); }

private:
    void report(std::string what, const Error& error) const {
        if (error.kind == ErrorKind::system_exit) {
            end_worker_(error.code);
            return;
        }
        if (error.kind == ErrorKind::closed) return;
        log_.error(what + "\n" + error.message);
    }

    gateway::LogSink& log_;
    std::function<void(int)> end_worker_;
};

}  // namespace gunicorn::server
