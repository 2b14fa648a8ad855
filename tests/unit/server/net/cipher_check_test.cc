#include "server/net/cipher_check.h"

#include <catch2/catch.hpp>

namespace gunicorn::server {
namespace {

TEST_CASE("lists as people write them are fine") {
    for (const char* list :
         {"ECDHE+AESGCM", "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:!MD5:!DSS", "HIGH:!aNULL:!eNULL:!EXPORT:!DES:!RC4:!3DES:!kRSA",
          "DEFAULT:@SECLEVEL=1", "DEFAULT@SECLEVEL=2", "ALL:@STRENGTH", "TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256, AES256-SHA",
          "ECDHE+AESGCM:-AES256:+SHA", "EECDH+AESGCM:EDH+AESGCM:AES256+EECDH:AES256+EDH",
          "AES128-SHA:!EDH-RSA-DES-CBC3-SHA:!KRB5-DES-CBC3-SHA"}) {
        const auto found = check_ciphers(list);
        CAPTURE(list, found.empty() ? "" : found[0].message);
        CHECK(found.empty());
    }
}

TEST_CASE("a cipher list has to leave a cipher") {
    for (const char* list : {"NO_SUCH_CIPHER", "TLS_AES_256_GCM_SHA384", "RC4", "ALL:!ALL", ":", "AES128-SHA:!AES"}) {
        CAPTURE(list);
        const auto found = check_ciphers(list);
        REQUIRE(found.size() == 1);
        CHECK(found[0].fault == TlsFault::bad_ciphers);
    }
    CHECK_THAT(check_ciphers("TLS_AES_256_GCM_SHA384")[0].message, Catch::Contains("TLS 1.3"));
}

TEST_CASE("an entry that OpenSSL passes over is a slip") {
    const auto of = [](const std::string& list) {
        const auto found = check_ciphers(list);
        REQUIRE(found.size() == 1);
        CHECK(found[0].fault == TlsFault::unknown_cipher);
        return found[0].message + " / " + found[0].help;
    };
    CHECK_THAT(of("ECDHE+AESGCM:ECDHE+CHACHA"), Catch::Contains("'ECDHE+CHACHA'"));
    CHECK_THAT(of("ECDHE+AESGCM:!aNUL"), Catch::Contains("'!aNUL'"));
    CHECK_THAT(of("NOSUCH:ECDHE+AESGCM:NEITHER"), Catch::Contains("'NOSUCH', 'NEITHER'"));
    CHECK_THAT(of("ECDHE+AESGCM:TLS_AES_128_GCM_SHA256"), Catch::Contains("TLS 1.3"));
    CHECK_THAT(of("AES128-SHA:TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"), Catch::Contains("'ECDHE-RSA-AES128-GCM-SHA256'"));
}

}  // namespace
}  // namespace gunicorn::server
