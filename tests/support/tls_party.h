#pragma once
// Keys and certificates, made in memory.

#include <chrono>
#include <memory>
#include <string>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <catch2/catch.hpp>

namespace gunicorn::testing {

using std::chrono::days;
using std::chrono::system_clock;

struct Free {
    void operator()(EVP_PKEY* key) const { ::EVP_PKEY_free(key); }
    void operator()(X509* certificate) const { ::X509_free(certificate); }
    void operator()(BIO* bio) const { ::BIO_free(bio); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Certificate = std::unique_ptr<X509, Free>;

inline const system_clock::time_point kNow = system_clock::now();

inline Key new_key() { return Key(::EVP_EC_gen("P-256")); }

/// What `write(bio)` writes.
template <class Write>
std::string written_by(Write write) {
    const std::unique_ptr<BIO, Free> bio(::BIO_new(::BIO_s_mem()));
    REQUIRE(write(bio.get()) == 1);
    char* bytes = nullptr;
    const long size = ::BIO_get_mem_data(bio.get(), &bytes);
    return {bytes, static_cast<std::size_t>(size)};
}

inline std::string pem_of(const Certificate& one) {
    return written_by([&](BIO* bio) { return ::PEM_write_bio_X509(bio, one.get()); });
}

inline std::string pem_of(const Key& key, const char* passphrase = nullptr) {
    return written_by([&](BIO* bio) {
        return ::PEM_write_bio_PKCS8PrivateKey(bio, key.get(), passphrase == nullptr ? nullptr : ::EVP_aes_256_cbc(),
                                               passphrase, passphrase == nullptr ? 0 : 4, nullptr, nullptr);
    });
}

inline std::string der_of(const Certificate& one) {
    return written_by([&](BIO* bio) { return ::i2d_X509_bio(bio, one.get()); });
}

inline std::string der_of(const Key& key) {
    return written_by([&](BIO* bio) { return ::i2d_PrivateKey_bio(bio, key.get()); });
}

/// Somebody with a key and a certificate that `issuer` signed, or he himself.
struct Party {
    Key key;
    Certificate certificate;

    explicit Party(const char* name, const Party* issuer = nullptr, days begin = days(-10), days end = days(300),
                   Key with_key = new_key(), const char* usage = nullptr)
        : key(std::move(with_key)), certificate(::X509_new()) {
        X509* x = certificate.get();
        ::X509_set_version(x, 2);
        ::ASN1_INTEGER_set(::X509_get_serialNumber(x), 1);
        const auto at = [](days offset) { return system_clock::to_time_t(kNow + offset); };
        ::ASN1_TIME_set(::X509_getm_notBefore(x), at(begin));
        ::ASN1_TIME_set(::X509_getm_notAfter(x), at(end));
        ::X509_set_pubkey(x, key.get());
        ::X509_NAME_add_entry_by_txt(::X509_get_subject_name(x), "CN", MBSTRING_ASC,
                                     reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
        ::X509_set_issuer_name(x, ::X509_get_subject_name(issuer == nullptr ? x : issuer->certificate.get()));
        if (usage != nullptr) {  // extendedKeyUsage
            X509_EXTENSION* extension = ::X509V3_EXT_conf_nid(nullptr, nullptr, NID_ext_key_usage, usage);
            REQUIRE(::X509_add_ext(x, extension, -1) == 1);
            ::X509_EXTENSION_free(extension);
        }
        REQUIRE(::X509_sign(x, (issuer == nullptr ? key : issuer->key).get(), ::EVP_sha256()) > 0);
    }
    [[nodiscard]] std::string pem() const { return pem_of(certificate); }
};

inline std::string pkcs12_of(const Party& party) {
    PKCS12* container = ::PKCS12_create("1234", "x", party.key.get(), party.certificate.get(), nullptr, 0, 0, 1, 1, 0);
    std::string bytes = written_by([&](BIO* bio) { return ::i2d_PKCS12_bio(bio, container); });
    ::PKCS12_free(container);
    return bytes;
}

}  // namespace gunicorn::testing
