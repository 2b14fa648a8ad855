#pragma once
// For the sources of net/ only: OpenSSL's objects, owned.

#include <memory>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace gunicorn::server {

template <auto Free>
struct FreeWith {
    template <class T>
    void operator()(T* object) const noexcept {
        Free(object);
    }
};

using BioHandle = std::unique_ptr<BIO, FreeWith<&BIO_free>>;
using CertificateHandle = std::unique_ptr<X509, FreeWith<&X509_free>>;
using KeyHandle = std::unique_ptr<EVP_PKEY, FreeWith<&EVP_PKEY_free>>;
using CipherHandle = std::unique_ptr<EVP_CIPHER, FreeWith<&EVP_CIPHER_free>>;
using SslContextHandle = std::unique_ptr<SSL_CTX, FreeWith<&SSL_CTX_free>>;
using SslHandle = std::unique_ptr<SSL, FreeWith<&SSL_free>>;

}  // namespace gunicorn::server
