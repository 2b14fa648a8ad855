#include "server/worker/engine_options.h"

#include <catch2/catch.hpp>

using namespace gunicorn;
using namespace gunicorn::server;

TEST_CASE("TLS is native when there is a certificate and no hook that makes the context") {
    config::Settings settings;
    settings.keyfile = "key.pem";
    CHECK_FALSE(tls_options(settings));
    settings.certfile = "";
    CHECK_FALSE(tls_options(settings));
    settings.certfile = "chain.pem";
    CHECK(tls_options(settings));
    settings.ssl_context.is_set = true;
    CHECK_FALSE(tls_options(settings));
}

TEST_CASE("the options of TLS are those of the settings") {
    config::Settings settings;
    settings.certfile = "chain.pem";
    CHECK(tls_options(settings)->certificate_file == "chain.pem");
    CHECK(tls_options(settings)->key_file.empty());
    CHECK(tls_options(settings)->authorities_file.empty());
    CHECK(tls_options(settings)->ciphers.empty());
    CHECK(tls_options(settings)->client_certificates == ClientCertificates::none);
    CHECK(tls_options(settings)->versions == TlsVersions::both);
    settings.keyfile = "key.pem";
    settings.ca_certs = "ca.pem";
    settings.ciphers = "ECDHE+AESGCM";
    settings.cert_reqs = 1;
    settings.ssl_version = 5;
    CHECK(tls_options(settings)->key_file == "key.pem");
    CHECK(tls_options(settings)->authorities_file == "ca.pem");
    CHECK(tls_options(settings)->ciphers == "ECDHE+AESGCM");
    CHECK(tls_options(settings)->client_certificates == ClientCertificates::optional);
    CHECK(tls_options(settings)->versions == TlsVersions::only_1_2);
    settings.cert_reqs = 2;
    settings.ssl_version = "TLSv1.3";
    CHECK(tls_options(settings)->client_certificates == ClientCertificates::required);
    CHECK(tls_options(settings)->versions == TlsVersions::only_1_3);
    settings.ssl_version = 3;  // TLS 1.0
    CHECK(tls_options(settings)->versions == TlsVersions::both);
}
