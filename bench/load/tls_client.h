#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>

namespace gunicorn::bench {

struct OpensslFree {
    void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
    void operator()(SSL* tls) const noexcept { SSL_free(tls); }
    void operator()(SSL_SESSION* session) const noexcept { SSL_SESSION_free(session); }
};
using Tls = std::unique_ptr<SSL, OpensslFree>;
using TlsSession = std::unique_ptr<SSL_SESSION, OpensslFree>;

/// Makes the client's side of TLS. It offers one version, cipher and group, so that every server under test speaks the
/// same: TLS 1.3, AES-128-GCM, X25519. It names a host and http/1.1, as a browser does, and believes any certificate.
class TlsClient {
public:
    TlsClient();

    /// A connection over the socket `fd`, which stays the caller's. With `session` it resumes what is there, and leaves
    /// there what the server offers for the next one: `session` outlives the connection.
    [[nodiscard]] Tls connect(int fd, TlsSession* session) const;

    [[nodiscard]] std::uint64_t handshakes() const;  ///< that were completed, resumed or not
    [[nodiscard]] std::uint64_t resumed() const;

private:
    std::unique_ptr<SSL_CTX, OpensslFree> context_;
};

}  // namespace gunicorn::bench
