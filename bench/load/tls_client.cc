#include "load/tls_client.h"

#include <array>

namespace gunicorn::bench {
namespace {

constexpr std::array<unsigned char, 9> kProtocols = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};  // RFC 7301 3.1

/// Called for each ticket, which TLS 1.3 sends behind the handshake. 1: the reference to the session is now ours.
int keep_session(SSL* tls, SSL_SESSION* session) {
    auto* slot = static_cast<TlsSession*>(SSL_get_app_data(tls));
    if (slot == nullptr) return 0;
    slot->reset(session);
    return 1;
}

}  // namespace

TlsClient::TlsClient() : context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX* context = context_.get();
    SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
    SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256");
    SSL_CTX_set1_groups_list(context, "X25519");
    SSL_CTX_set_alpn_protos(context, kProtocols.data(), kProtocols.size());
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE);
    SSL_CTX_set_read_ahead(context, 1);  // one read a record, not two
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, keep_session);
}

Tls TlsClient::connect(int fd, TlsSession* session) const {
    Tls tls(SSL_new(context_.get()));
    SSL_set_connect_state(tls.get());
    SSL_set_fd(tls.get(), fd);
    SSL_set_tlsext_host_name(tls.get(), "localhost");
    SSL_set_app_data(tls.get(), session);
    if (session != nullptr && *session) SSL_set_session(tls.get(), session->get());
    return tls;
}

std::uint64_t TlsClient::handshakes() const { return static_cast<std::uint64_t>(SSL_CTX_sess_connect_good(context_.get())); }

std::uint64_t TlsClient::resumed() const { return static_cast<std::uint64_t>(SSL_CTX_sess_hits(context_.get())); }

}  // namespace gunicorn::bench
