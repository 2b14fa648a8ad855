#include "server/net/certificate_check.h"

#include <catch2/catch.hpp>

#include "support/tls_party.h"

namespace gunicorn::server {
namespace {

using std::chrono::days;
using testing::Key;
using testing::kNow;
using testing::new_key;
using testing::Party;
using testing::pem_of;

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

TEST_CASE("a certificate may say that it is not for servers") {
    const auto of_usage = [](const char* usage) {
        return faults(check_certificates(Party("x", nullptr, days(-9), days(90), new_key(), usage).pem(), kNow));
    };
    CHECK(of_usage("clientAuth") == Faults{TlsFault::not_for_servers});
    CHECK(of_usage("emailProtection,codeSigning") == Faults{TlsFault::not_for_servers});
    CHECK(of_usage("serverAuth").empty());
    CHECK(of_usage("clientAuth,serverAuth").empty());
}

TEST_CASE("a key has to be readable without a passphrase, and the certificate's") {
    const Party party("x");
    CHECK(check_private_key(pem_of(party.key), party.pem()).empty());
    CHECK(check_private_key(party.pem() + pem_of(party.key), party.pem()).empty());
    CHECK(faults(check_private_key(pem_of(new_key()), party.pem())) == Faults{TlsFault::key_mismatch});
    CHECK(faults(check_private_key("", party.pem())) == Faults{TlsFault::no_key});
    CHECK(faults(check_private_key(party.pem(), party.pem())) == Faults{TlsFault::no_key});
    const std::string key = pem_of(party.key);
    CHECK(faults(check_private_key(key.substr(0, key.size() / 2), party.pem())) == Faults{TlsFault::bad_key});
    const auto encrypted = check_private_key(pem_of(party.key, "1234"), party.pem());
    REQUIRE(faults(encrypted) == Faults{TlsFault::bad_key});
    CHECK(encrypted[0].message.find("encrypted") != std::string::npos);
    CHECK(check_private_key(pem_of(party.key), "no certificate").empty());
}

TEST_CASE("a key may stand before the certificates in one file") {
    const Party party("x");
    const std::string both = pem_of(party.key) + party.pem();
    CHECK(check_certificates(both, kNow).empty());
    CHECK(check_private_key(both, both).empty());
}

TEST_CASE("the key of another certificate of the file shows that the order is wrong") {
    const Party root("Root");
    const Party leaf("shop.example", &root);
    const auto found = check_private_key(pem_of(leaf.key), root.pem() + leaf.pem());
    REQUIRE(faults(found) == Faults{TlsFault::key_mismatch});
    CHECK(found[0].message.find("certificate 2 of the file (CN=shop.example)") != std::string::npos);
}

TEST_CASE("another form than PEM is called by its name, and how to change it is said") {
    const Party party("x");
    const auto about = [](const TlsProblem& problem) { return problem.message + " / " + problem.help; };
    const std::string certificate = testing::der_of(party.certificate);
    CHECK_THAT(about(check_certificates(certificate, kNow).at(0)),
               Catch::Contains("DER") && Catch::Contains("openssl x509"));
    CHECK_THAT(about(check_authorities(certificate).at(0)), Catch::Contains("DER"));
    const std::string key = testing::der_of(party.key);
    CHECK_THAT(about(check_private_key(key, party.pem()).at(0)), Catch::Contains("DER") && Catch::Contains("openssl pkey"));
    const std::string container = testing::pkcs12_of(party);
    CHECK_THAT(about(check_certificates(container, kNow).at(0)), Catch::Contains("PKCS #12"));
    CHECK_THAT(about(check_private_key(container, party.pem()).at(0)), Catch::Contains("PKCS #12"));
    CHECK_THAT(about(check_certificates(pem_of(party.key), kNow).at(0)), Catch::Contains("a private key"));
    const char* request = "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n";
    CHECK_THAT(about(check_certificates(request, kNow).at(0)), Catch::Contains("request"));
    CHECK_THAT(about(check_private_key("-----BEGIN OPENSSH PRIVATE KEY-----\n", "").at(0)), Catch::Contains("OpenSSH"));
    CHECK_THAT(about(check_certificates("", kNow).at(0)), Catch::Contains("nothing at all"));
}

TEST_CASE("authorities are any number of certificates") {
    CHECK(check_authorities(Party("a").pem() + Party("b").pem()).empty());
    CHECK(faults(check_authorities("")) == Faults{TlsFault::bad_certificate});
    CHECK(faults(check_authorities(pem_of(new_key()))) == Faults{TlsFault::bad_certificate});
}

}  // namespace
}  // namespace gunicorn::server
