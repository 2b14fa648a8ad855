#pragma once
// One request on its way through the application, and the response on its way back.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "gateway/request_body.h"

namespace gunicorn::http {
class RequestHead;
class ResponseHead;
}  // namespace gunicorn::http

namespace gunicorn::gateway {

/// REMOTE_ADDR and REMOTE_PORT.
struct ClientAddress {
    std::string address;  ///< "127.0.0.1"; empty for a unix socket
    std::string port;     ///< "51234"; empty for a unix socket, and where nobody said it
};

/// The same, lent.
struct ClientView {
    std::string_view address;
    std::string_view port;
};

/// What the PROXY header of a connection said.
struct ProxiedConnection {
    std::string_view protocol;  ///< static; PROXY_PROTOCOL
    ClientAddress client;       ///< empty: not named, the peer stands for it
    ClientAddress server;       ///< where the client connected to: PROXY_ADDR, PROXY_PORT
};

/// What is known of a TLS connection once its handshake is done, under its name in the environ (docs/tls.md).
struct TlsFact {
    std::string_view name;  ///< static: "SSL_PROTOCOL"
    std::string value;      ///< "TLSv1.3"
};

/// The two ends of a connection. Constant from its first request on.
struct ConnectionInfo {
    std::string remote_address;                ///< of the peer: "127.0.0.1"; empty for a unix socket
    std::string remote_port;                   ///< "51234"; empty for a unix socket
    std::optional<ProxiedConnection> proxied;  ///< the peer passes on somebody else's connection
    std::uint32_t listener = 0;                ///< index among the listeners of the generation
    bool peer_is_trusted = false;              ///< the peer is in forwarded_allow_ips, or a unix peer
    bool client_is_proxy = true;   ///< client() may say for whom it asks, if the peer is trusted: it is in that list, too
    bool may_name_client = false;  ///< the peer is in proxy_allow_ips, or a unix peer, and the PROXY protocol is on
    bool is_tls = false;
    std::vector<TlsFact> tls;  ///< from the first request on

    /// Who sends the requests: the client that the PROXY header names, else the peer.
    [[nodiscard]] ClientView client() const noexcept {
        if (proxied && !proxied->client.address.empty()) return {proxied->client.address, proxied->client.port};
        return {remote_address, remote_port};
    }
};

/// Owned by the connection; lives until the dispatch has finished the request. Used by one thread at a time: the one that
/// runs the application.
class Exchange {
public:
    virtual ~Exchange() = default;

    [[nodiscard]] virtual const http::RequestHead& head() const = 0;
    [[nodiscard]] virtual const RequestBody& body() const = 0;
    [[nodiscard]] virtual const ConnectionInfo& connection() const = 0;
    /// Who the request comes from: what a trusted proxy said in its header (x_forwarded_for_header), else the client of
    /// the connection.
    [[nodiscard]] virtual ClientView client() const = 0;
    /// Under which path the application is mounted (SCRIPT_NAME). The path of the request begins with it, and then ends
    /// or goes on with "/".
    [[nodiscard]] virtual std::string_view script_name() const = 0;
    /// "http" or "https": the transport's, or what a trusted proxy said (secure_scheme_headers).
    [[nodiscard]] virtual std::string_view scheme() const = 0;

    /// Status and fields; filled by start_response, may be refilled until the head was sent.
    virtual http::ResponseHead& response() = 0;
    /// Whether a byte of the head may have left: from then on start_response with exc_info raises again.
    [[nodiscard]] virtual bool head_sent() const = 0;
    /// PEP 3333's write(): sends the head before the first byte. Blocks until the bytes are on their way or buffered within
    /// bounds; Error of kind `closed` when the peer is gone. GIL: released while waiting.
    virtual Result<void> write(std::string_view piece) = 0;
    /// Sends a 103 response with the fields of `hints` (RFC 8297): nothing for a client of HTTP/1.0 and once the head was
    /// sent. Blocks as write() does. GIL: released while waiting.
    virtual Result<void> early_hints(const http::ResponseHead& hints) = 0;

    /// A descriptor of the connection for the application itself (gunicorn.socket), in blocking mode; the application owns
    /// it. What the client sent behind a request for an upgrade is read from it first. The connection ends with the
    /// response. Blocks while output is pending. GIL: released while waiting.
    virtual Result<UniqueFd> open_socket() = 0;
    /// The application has answered over its own descriptor: nothing more is sent here, whatever is put.
    virtual void hand_over() = 0;

    /// Whether the client gets this response, rather than a page of the server's or nothing.
    [[nodiscard]] virtual bool is_answer() const = 0;
    /// The access line of this request was written.
    virtual void access_logged() = 0;
};

}  // namespace gunicorn::gateway
