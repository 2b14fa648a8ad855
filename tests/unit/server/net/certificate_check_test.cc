#include "server/net/certificate_check.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

#include <catch2/catch.hpp>

namespace gunicorn::server {
namespace {

using std::chrono::days;
using std::chrono::system_clock;

struct Free {
    void operator()(EVP_PKEY* key) const { ::EVP_PKEY_free(key); }
    void operator()(X509* certificate) const { ::X509_free(certificate); }
    void operator()(BIO* bio) const { ::BIO_free(bio); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Certificate = std::unique_ptr<X509, Free>;

const system_clock::time_point kNow = system_clock::now();

Key new_key() { return Key(::EVP_EC_gen("P-256")); }

template <class Write>
std::string pem_of(Write write) {
    const std::unique_ptr<BIO, Free> bio(::BIO_new(::BIO_s_mem()));
    REQUIRE(write(bio.get()) == 1);
    char* bytes = nullptr;
    const long size = ::BIO_get_mem_data(bio.get(), &bytes);
    return {bytes, static_cast<std::size_t>(size)};
}

std::string pem_of(const Certificate& one) {
    return pem_of([&](BIO* bio) { return ::PEM_write_bio_X509(bio, one.get()); });
}

std::string pem_of(const Key& key, const char* passphrase = nullptr) {
    return pem_of([&](BIO* bio) {
        return ::PEM_write_bio_PKCS8PrivateKey(bio, key.get(), passphrase == nullptr ? nullptr : ::EVP_aes_256_cbc(),
                                               passphrase, passphrase == nullptr ? 0 : 4, nullptr, nullptr);
    });
}

/// Somebody with a key and a certificate that `issuer` signed, or he himself.
struct Party {
    Key key;
    Certificate certificate;

    explicit Party(const char* name, const Party* issuer = nullptr, days begin = days(-10), days end = days(300),
                   Key with_key = new_key())
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
        REQUIRE(::X509_sign(x, (issuer == nullptr ? key : issuer->key).get(), ::EVP_sha256()) > 0);
    }
    [[nodiscard]] std::string pem() const { return pem_of(certificate); }
};

std::vector<TlsFault> faults(const std::vector<TlsProblem>& problems) {
    std::vector<TlsFault> all;
    for (const TlsProblem& one : problems) all.push_back(one.fault);
    return all;
}
using Faults = std::vector<TlsFault>;

TEST_CASE("a certificate of oneself, and a chain in order, are fine") {
    const Party root("Root");
    const Party middle("Middle", &root);
    const Party leaf("shop.example", &middle);
    CHECK(check_certificates(Party("self").pem(), kNow).empty());
    CHECK(check_certificates(leaf.pem() + middle.pem(), kNow).empty());
    CHECK(check_certificates(leaf.pem() + middle.pem() + root.pem(), kNow).empty());
    CHECK(check_certificates("Subject: CN = shop.example\n" + leaf.pem() + "\n" + middle.pem() + pem_of(leaf.key), kNow)
              .empty());
}

TEST_CASE("clients cannot find their way along a chain with gaps or in disorder") {
    const Party root("Root");
    const Party middle("Middle", &root);
    const Party leaf("shop.example", &middle);
    const auto alone = check_certificates(leaf.pem(), kNow);
    REQUIRE(faults(alone) == Faults{TlsFault::incomplete_chain});
    CHECK(alone[0].message.find("CN=Middle") != std::string::npos);
    CHECK(faults(check_certificates(leaf.pem() + root.pem() + middle.pem(), kNow)) == Faults{TlsFault::incomplete_chain});
    CHECK(faults(check_certificates(middle.pem() + leaf.pem(), kNow)) == Faults{TlsFault::incomplete_chain});
}

TEST_CASE("dates are judged for every certificate of the file") {
    CHECK(faults(check_certificates(Party("x", nullptr, days(-9), days(-1)).pem(), kNow)) == Faults{TlsFault::not_valid});
    CHECK(faults(check_certificates(Party("x", nullptr, days(1), days(90)).pem(), kNow)) == Faults{TlsFault::not_valid});
    const auto soon = check_certificates(Party("x", nullptr, days(-9), days(12)).pem(), kNow);
    REQUIRE(faults(soon) == Faults{TlsFault::expires_soon});
    CHECK(soon[0].message.find("in 12 days") != std::string::npos);
    CHECK(check_certificates(Party("x", nullptr, days(-9), days(31)).pem(), kNow).empty());
    CHECK(faults(check_certificates(Party("x", nullptr, days(-9), days(29)).pem(), kNow)) == Faults{TlsFault::expires_soon});

    const Party old_root("Root", nullptr, days(-99), days(-1));
    const Party leaf("leaf", &old_root);
    const auto chain = check_certificates(leaf.pem() + old_root.pem(), kNow);
    REQUIRE(faults(chain) == Faults{TlsFault::not_valid});
    CHECK(chain[0].message.find("certificate 2 of the file (CN=Root)") == 0);
}

TEST_CASE("what is no certificate is said so, whatever stands before it") {
    CHECK(faults(check_certificates("", kNow)) == Faults{TlsFault::bad_certificate});
    CHECK(faults(check_certificates("hello", kNow)) == Faults{TlsFault::bad_certificate});
    CHECK(faults(check_certificates(pem_of(new_key()), kNow)) == Faults{TlsFault::bad_certificate});
    const std::string good = Party("x").pem();
    CHECK(faults(check_certificates(good.substr(0, good.size() / 2), kNow)) == Faults{TlsFault::bad_certificate});
    CHECK(faults(check_certificates(good + good.substr(0, good.size() / 2), kNow)) == Faults{TlsFault::bad_certificate});
    CHECK(faults(check_certificates("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", kNow)) ==
          Faults{TlsFault::bad_certificate});
}

TEST_CASE("a key that OpenSSL thinks too small is refused beforehand") {
    const Party weak("x", nullptr, days(-9), days(90), Key(::EVP_RSA_gen(512)));
    const auto found = check_certificates(weak.pem(), kNow);
    REQUIRE(faults(found) == Faults{TlsFault::bad_certificate});
    CHECK(found[0].message.find("small") != std::string::npos);
}

TEST_CASE("a key has to be readable without a passphrase, and the certificate's") {
    const Party party("x");
    CHECK(check_private_key(pem_of(party.key), party.pem()).empty());
    CHECK(check_private_key(party.pem() + pem_of(party.key), party.pem()).empty());
    CHECK(faults(check_private_key(pem_of(new_key()), party.pem())) == Faults{TlsFault::key_mismatch});
    CHECK(faults(check_private_key("", party.pem())) == Faults{TlsFault::bad_key});
    CHECK(faults(check_private_key(party.pem(), party.pem())) == Faults{TlsFault::bad_key});
    const auto encrypted = check_private_key(pem_of(party.key, "1234"), party.pem());
    REQUIRE(faults(encrypted) == Faults{TlsFault::bad_key});
    CHECK(encrypted[0].message.find("encrypted") != std::string::npos);
    CHECK(check_private_key(pem_of(party.key), "no certificate").empty());
}

TEST_CASE("authorities are any number of certificates") {
    CHECK(check_authorities(Party("a").pem() + Party("b").pem()).empty());
    CHECK(faults(check_authorities("")) == Faults{TlsFault::bad_certificate});
}

TEST_CASE("a cipher list has to leave a cipher") {
    CHECK_FALSE(check_ciphers("ECDHE+AESGCM:!aNULL"));
    CHECK_FALSE(check_ciphers("NO_SUCH_CIPHER:ECDHE+AESGCM"));
    CHECK(check_ciphers("NO_SUCH_CIPHER"));
    CHECK(check_ciphers("TLS_AES_256_GCM_SHA384"));
}

}  // namespace
}  // namespace gunicorn::server
