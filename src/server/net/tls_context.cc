#include "server/net/tls_context.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <array>
#include <cstring>
#include <span>
#include <string_view>

#include "base/sys.h"
#include "server/net/ticket_keys.h"
#include "server/net/tls_context_impl.h"
#include "server/net/tls_error.h"

namespace gunicorn::server {
namespace {

constexpr long kSessionSeconds = 3600;                // how long a client may resume its session
constexpr std::size_t kMostAuthorities = 16U << 20U;  // bytes

/// Nobody is there to type a passphrase, and OpenSSL's default would ask on the terminal.
int refuse_passphrase(char*, int, int, void*) { return -1; }

/// Any name is ours. Without an answer OpenSSL forgets it in sessions that are resumed (RFC 6066 3).
int accept_server_name(SSL*, int*, void*) { return SSL_TLSEXT_ERR_OK; }

/// RFC 7301 3.2: a client that speaks none of our protocols is told so.
int select_protocol(SSL*, const unsigned char** chosen, unsigned char* length, const unsigned char* offered,
                    unsigned int offered_length, void*) {
    static constexpr unsigned char kOurs[] = "\x08http/1.1\x08http/1.0";
    unsigned char* found = nullptr;
    if (::SSL_select_next_proto(&found, length, kOurs, sizeof kOurs - 1, offered, offered_length) !=
        OPENSSL_NPN_NEGOTIATED) {
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    }
    *chosen = found;
    return SSL_TLSEXT_ERR_OK;
}

bool set_mac_key(EVP_MAC_CTX* mac, const TicketKeys::Key& key) {
    std::array<char, 7> digest{"SHA256"};
    const OSSL_PARAM parameters[] = {
        ::OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, const_cast<unsigned char*>(key.mac.data()), key.mac.size()),
        ::OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
        ::OSSL_PARAM_construct_end(),
    };
    return ::EVP_MAC_CTX_set_params(mac, parameters) == 1;
}

/// Seals a ticket, or finds the key of one (SSL_CTX_set_tlsext_ticket_key_evp_cb). 0: no such key, a full handshake follows;
/// 2: the client gets a new ticket as well.
int use_ticket_key(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac, int seals) {
    const auto& impl = *static_cast<const TlsContext::Impl*>(SSL_CTX_get_app_data(::SSL_get_SSL_CTX(ssl)));
    if (seals == 1) {
        const TicketKeys::Key key = impl.tickets->current();
        if (::RAND_bytes(iv, ::EVP_CIPHER_get_iv_length(impl.ticket_cipher.get())) != 1) return -1;
        std::memcpy(name, key.name.data(), key.name.size());
        const int begun = ::EVP_EncryptInit_ex2(cipher, impl.ticket_cipher.get(), key.cipher.data(), iv, nullptr);
        return begun == 1 && set_mac_key(mac, key) ? 1 : -1;
    }
    const auto found = impl.tickets->find(std::span<const unsigned char, 16>(name, 16));
    if (!found) return 0;
    const int begun = ::EVP_DecryptInit_ex2(cipher, impl.ticket_cipher.get(), found->key.cipher.data(), iv, nullptr);
    if (begun != 1 || !set_mac_key(mac, found->key)) return -1;
    // A ticket of TLS 1.3 is used once (RFC 8446 C.4): without a new one every second connection would be a full handshake.
    return found->is_current && ::SSL_version(ssl) != TLS1_3_VERSION ? 1 : 2;
}

Unexpected<Error> refused(const std::string& what) {
    return failure(ErrorKind::invalid_argument, what + ": " + take_tls_error());
}

Result<void> load_certificate(SSL_CTX* context, const TlsOptions& options) {
    ::SSL_CTX_set_default_passwd_cb(context, &refuse_passphrase);
    if (::SSL_CTX_use_certificate_chain_file(context, options.certificate_file.c_str()) != 1) {
        return refused(options.certificate_file);
    }
    const std::string& key_file = options.key_file.empty() ? options.certificate_file : options.key_file;
    // Compares the key with the certificate, too.
    if (::SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM) != 1) return refused(key_file);
    return {};
}

/// A session may be resumed only where its client would have been asked for the same: the context of sessions says it
/// (SSL_CTX_set_session_id_context). Ticket keys are the same for all generations.
Result<void> demand_certificates(SSL_CTX* context, const TlsOptions& options) {
    std::string rule = std::to_string(static_cast<int>(options.client_certificates));
    if (!options.authorities_file.empty()) {
        GN_TRY(const std::string authorities, sys::read_file(options.authorities_file, kMostAuthorities));
        rule += authorities;
        if (::SSL_CTX_load_verify_file(context, options.authorities_file.c_str()) != 1)
            return refused(options.authorities_file);
        ::SSL_CTX_set_client_CA_list(context, ::SSL_load_client_CA_file(options.authorities_file.c_str()));
    }
    int mode = SSL_VERIFY_NONE;
    if (options.client_certificates != ClientCertificates::none) mode = SSL_VERIFY_PEER;
    if (options.client_certificates == ClientCertificates::required) mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    ::SSL_CTX_set_verify(context, mode, nullptr);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    unsigned int length = 0;
    if (::EVP_Digest(rule.data(), rule.size(), digest.data(), &length, ::EVP_sha256(), nullptr) != 1 ||
        ::SSL_CTX_set_session_id_context(context, digest.data(), length) != 1) {
        return refused("the context of sessions");
    }
    return {};
}

void set_versions(SSL_CTX* context, TlsVersions versions) {
    ::SSL_CTX_set_min_proto_version(context, versions == TlsVersions::only_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
    ::SSL_CTX_set_max_proto_version(context, versions == TlsVersions::only_1_2 ? TLS1_2_VERSION : TLS1_3_VERSION);
}

/// Records are read many at a time, written one at a time, and buffers live only as long as something is in them.
void set_habits(SSL_CTX* context) {
    ::SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                       SSL_OP_PRIORITIZE_CHACHA);
    ::SSL_CTX_set_mode(context,
                       SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    ::SSL_CTX_set_read_ahead(context, 1);
    ::SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);  // sessions travel in tickets
    ::SSL_CTX_set_timeout(context, kSessionSeconds);
    ::SSL_CTX_set_tlsext_servername_callback(context, &accept_server_name);
    ::SSL_CTX_set_alpn_select_cb(context, &select_protocol, nullptr);
}

}  // namespace

TlsContext::TlsContext(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

TlsContext::~TlsContext() = default;

Result<std::unique_ptr<TlsContext>> TlsContext::create(const TlsOptions& options, const TicketKeys& tickets) {
    ::ERR_clear_error();
    auto impl = std::make_unique<Impl>();
    impl->context.reset(::SSL_CTX_new(::TLS_server_method()));
    SSL_CTX* context = impl->context.get();
    if (context == nullptr) return refused("OpenSSL makes no context");
    set_versions(context, options.versions);
    set_habits(context);
    if (!options.ciphers.empty() && ::SSL_CTX_set_cipher_list(context, options.ciphers.c_str()) != 1) {
        return refused("ciphers " + options.ciphers);
    }
    GN_CHECK(load_certificate(context, options));
    GN_CHECK(demand_certificates(context, options));
    impl->tickets = &tickets;
    impl->tells_ragged_ends = !options.suppress_ragged_eofs;
    impl->ticket_cipher.reset(::EVP_CIPHER_fetch(nullptr, "AES-256-CBC", nullptr));
    SSL_CTX_set_app_data(context, impl.get());
    if (impl->ticket_cipher == nullptr || ::SSL_CTX_set_tlsext_ticket_key_evp_cb(context, &use_ticket_key) != 1) {
        return refused("session tickets");
    }
    return std::unique_ptr<TlsContext>(new TlsContext(std::move(impl)));
}

}  // namespace gunicorn::server
