#pragma once
// One answered (or refused) request as the access log sees it. A bundle of views: everything lives until the log call
// returns.

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace gunicorn::http {
class RequestHead;
class ResponseHead;
}  // namespace gunicorn::http

namespace gunicorn::gateway {

/// Values of the WSGI environ, for %({name}e)s. Asked only by formats that have such an atom.
class EnvironValues {
public:
    virtual ~EnvironValues() = default;
    /// Appends str() of the value whose key, in lower case, is `lower_name`; false when there is none. GIL: whatever the
    /// implementation says; the format does not touch it.
    virtual bool append_environ_value(std::string_view lower_name, std::string& out) const = 0;
};

struct AccessRecord {
    std::string_view remote_addr = "-";  ///< REMOTE_ADDR; empty on a unix socket, as in Gunicorn
    std::string_view request_line;       ///< as it was sent, also where it is refused; empty when none came
    std::string_view method;             ///< empty when no good request line came
    std::string_view target;             ///< as it was sent: RAW_URI
    std::string_view path;               ///< PATH_INFO: decoded
    std::string_view query;              ///< without "?"
    std::string_view protocol;           ///< "HTTP/1.1"
    int status = 0;                      ///< 200
    std::uint64_t bytes_sent = 0;        ///< of the body, sendfile included
    std::chrono::nanoseconds duration{0};
    pid_t pid = 0;
    WallClock::time_point timestamp{};             ///< of the end of the response
    const http::RequestHead* request = nullptr;    ///< null when it could not be parsed
    const http::ResponseHead* response = nullptr;  ///< null when none was sent
    const EnvironValues* environ_values = nullptr;
};

}  // namespace gunicorn::gateway
