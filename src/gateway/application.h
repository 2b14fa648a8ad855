#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "gateway/exchange.h"

namespace gunicorn::gateway {

/// What happened to a response, for the access log and post_request.
struct ResponseSummary {
    std::uint64_t body_bytes = 0;
    Duration elapsed{};
    bool complete = false;  ///< every byte was handed to the kernel
};

/// A part of an open file (wsgi.file_wrapper), for sendfile. The descriptor is lent until the source dies.
struct FilePart {
    int fd = -1;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
};

/// The body of one response, pulled piece by piece: the application is asked for more only when there is room.
/// GIL: taken by every method, the destructor included. Destroying it calls the iterable's close() if finish() was not called.
class ResponseSource {
public:
    virtual ~ResponseSource() = default;

    struct Piece {
        std::string_view bytes;  ///< valid until next() is called again or the source dies; never empty unless `last`
        bool last = false;       ///< nothing follows
    };
    /// An Error of kind `python` carries the traceback, `system_exit` the status that the worker shall end with.
    virtual Result<Piece> next() = 0;

    /// Bytes of the whole body where that is known before it is pulled (a list of one item, a file part).
    [[nodiscard]] virtual std::optional<std::uint64_t> known_length() const = 0;
    /// Set when the body is a part of a file; next() is then not called.
    [[nodiscard]] virtual std::optional<FilePart> file() const = 0;
    /// A value of the environ as text, for %({name}e)s of the access log; its name may have any case there. GIL held.
    [[nodiscard]] virtual std::optional<std::string> environ_value(std::string_view lower_name) const = 0;

    /// Whether finish() runs code of the application or of a hook, which may take its time.
    [[nodiscard]] virtual bool has_epilogue() const = 0;
    /// Once, when the response was sent or given up: close() of the iterable, post_request, a Python logger's access().
    /// Errors are logged; SystemExit is answered as an Error of kind `system_exit`.
    virtual Result<void> finish(const ResponseSummary& summary) = 0;
};

/// A loaded WSGI application. GIL: taken by every method.
class Application {
public:
    virtual ~Application() = default;
    /// Runs the callable up to the iterable it returns. On an error nothing is left behind (post_request has run).
    virtual Result<std::unique_ptr<ResponseSource>> call(Exchange& exchange) = 0;
};

}  // namespace gunicorn::gateway
