#pragma once
// One request on its way through the application, and the response on its way back.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"
#include "gateway/request_body.h"

namespace gunicorn::http {
class RequestHead;
class ResponseHead;
}  // namespace gunicorn::http

namespace gunicorn::gateway {

/// The two ends of a connection as the environ shows them. Constant for the life of the connection.
struct ConnectionInfo {
    std::string remote_address;  ///< "127.0.0.1"; empty for a unix socket
    std::string remote_port;     ///< "51234"; empty for a unix socket
    std::uint32_t listener = 0;  ///< index among the listeners of the generation
    bool peer_is_trusted = false;  ///< in forwarded_allow_ips, or a unix peer
    bool is_tls = false;
};

/// Owned by the connection; lives until the dispatch has finished the request. Used by one thread at a time: the one that runs
/// the application.
class Exchange {
public:
    virtual ~Exchange() = default;

    [[nodiscard]] virtual const http::RequestHead& head() const = 0;
    [[nodiscard]] virtual const RequestBody& body() const = 0;
    [[nodiscard]] virtual const ConnectionInfo& connection() const = 0;
    /// "http" or "https": the transport's, or what a trusted proxy said (secure_scheme_headers).
    [[nodiscard]] virtual std::string_view scheme() const = 0;

    /// Status and fields; filled by start_response, may be refilled until the head was sent.
    virtual http::ResponseHead& response() = 0;
    /// Whether a byte of the head may have left: from then on start_response with exc_info raises again.
    [[nodiscard]] virtual bool head_sent() const = 0;
    /// PEP 3333's write(): sends the head before the first byte. Blocks until the bytes are on their way or buffered within
    /// bounds; Error of kind `closed` when the peer is gone. GIL: released while waiting.
    virtual Result<void> write(std::string_view piece) = 0;
    /// Sends a 103 response with the fields of `hints` (RFC 8297): nothing for a client of HTTP/1.0 and once the head was sent.
    /// Blocks as write() does. GIL: released while waiting.
    virtual Result<void> early_hints(const http::ResponseHead& hints) = 0;

    /// A descriptor of the connection for the application itself (gunicorn.socket), in blocking mode; the application owns it.
    /// What the client sent behind a request for an upgrade is read from it first. The connection ends with the response.
    /// Blocks while output is pending. GIL: released while waiting.
    virtual Result<UniqueFd> open_socket() = 0;
    /// The application has answered over its own descriptor: nothing more is sent here, whatever is put.
    virtual void hand_over() = 0;
};

}  // namespace gunicorn::gateway
