#include "server/net/tls_facts.h"

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/pem.h>

#include <string>

namespace gunicorn::server {
namespace {

using gateway::TlsFact;

/// What `print(bio)` writes.
template <class Print>
std::string printed(Print&& print) {
    const BioHandle bio(::BIO_new(::BIO_s_mem()));
    print(bio.get());
    char* bytes = nullptr;
    const long size = ::BIO_get_mem_data(bio.get(), &bytes);
    return size > 0 ? std::string(bytes, static_cast<std::size_t>(size)) : std::string();
}

/// RFC 2253: "CN=client,O=Example". ASCII; other characters are escaped.
std::string text_of(const X509_NAME* name) {
    return printed([&](BIO* bio) { ::X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253); });
}

std::string text_of(const ASN1_TIME* time) {
    return printed([&](BIO* bio) { ::ASN1_TIME_print(bio, time); });
}

std::string serial_of(const X509* certificate) {
    const std::unique_ptr<BIGNUM, FreeWith<&BN_free>> number(
        ::ASN1_INTEGER_to_BN(::X509_get0_serialNumber(certificate), nullptr));
    char* hex = number ? ::BN_bn2hex(number.get()) : nullptr;
    std::string text = hex == nullptr ? "" : hex;
    ::OPENSSL_free(hex);
    return text;
}

void add_certificate(X509* certificate, std::vector<TlsFact>& facts) {
    facts.push_back({"SSL_CLIENT_S_DN", text_of(::X509_get_subject_name(certificate))});
    facts.push_back({"SSL_CLIENT_I_DN", text_of(::X509_get_issuer_name(certificate))});
    facts.push_back({"SSL_CLIENT_M_SERIAL", serial_of(certificate)});
    facts.push_back({"SSL_CLIENT_V_START", text_of(::X509_get0_notBefore(certificate))});
    facts.push_back({"SSL_CLIENT_V_END", text_of(::X509_get0_notAfter(certificate))});
    facts.push_back({"SSL_CLIENT_CERT", printed([&](BIO* bio) { ::PEM_write_bio_X509(bio, certificate); })});
}

}  // namespace

std::vector<TlsFact> tls_facts_of(SSL* ssl) {
    std::vector<TlsFact> facts;
    const SSL_CIPHER* cipher = ::SSL_get_current_cipher(ssl);
    facts.push_back({"SSL_PROTOCOL", ::SSL_get_version(ssl)});
    facts.push_back({"SSL_CIPHER", ::SSL_CIPHER_get_name(cipher)});
    facts.push_back({"SSL_CIPHER_USEKEYSIZE", std::to_string(::SSL_CIPHER_get_bits(cipher, nullptr))});
    facts.push_back({"SSL_SESSION_RESUMED", ::SSL_session_reused(ssl) == 1 ? "Resumed" : "Initial"});
    if (const char* name = ::SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name)) facts.push_back({"SSL_TLS_SNI", name});
    if (::SSL_get_verify_mode(ssl) == SSL_VERIFY_NONE) return facts;
    // Whoever shows a certificate that is not good does not get here.
    X509* certificate = ::SSL_get0_peer_certificate(ssl);
    facts.push_back({"SSL_CLIENT_VERIFY", certificate == nullptr ? "NONE" : "SUCCESS"});
    if (certificate != nullptr) add_certificate(certificate, facts);
    return facts;
}

}  // namespace gunicorn::server
