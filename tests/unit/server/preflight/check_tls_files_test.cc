#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "server/preflight/preflight.h"
#include "support/tls_party.h"
#include "unit/server/temp_dir.h"

namespace gunicorn::server::preflight {
namespace {

using std::chrono::days;
using testing::new_key;
using testing::Party;
using testing::pem_of;
using testing::TempDir;
using testing::write_text;

/// A configuration with cert.pem and key.pem of a certificate that is fine.
struct World {
    World() {
        settings.chdir = folder.path();
        write("cert.pem", party.pem());
        write("key.pem", pem_of(party.key));
        settings.certfile = "cert.pem";
        settings.keyfile = "key.pem";
    }

    void write(const char* name, const std::string& bytes) const {
        write_text(folder.path(name), bytes);
        ::chmod(folder.path(name).c_str(), 0600);
    }

    /// "certfile bad-certificate error", or several with "; " between them: of a start.
    [[nodiscard]] std::string summary() const {
        std::string text;
        for (const Diagnostic& one : inspect_start(settings)) {
            text += (text.empty() ? "" : "; ") + one.setting + " " + std::string(kind_of(one.id).name) + " " +
                    std::string(name_of(one.severity));
        }
        return text;
    }

    TempDir folder;
    Party party{"shop.example"};
    config::Settings settings;
};

TEST_CASE("material that TLS can begin with has no findings") {
    World world;
    CHECK(world.summary().empty());
    world.write("all.pem", pem_of(world.party.key) + world.party.pem());
    world.settings.certfile = "all.pem";
    world.settings.keyfile.reset();
    world.settings.ca_certs = "cert.pem";
    world.settings.ciphers = "ECDHE+AESGCM";
    CHECK(world.summary().empty());
}

TEST_CASE("files of TLS are named where they are set") {
    World world;
    world.settings.certfile = "/nope.pem";
    world.settings.keyfile = "/nope/key.pem";
    world.settings.ca_certs = world.folder.path();
    world.settings.ciphers = "NO_SUCH_CIPHER";
    CHECK(world.summary() ==
          "certfile no-such-file error; keyfile no-such-directory error; ca_certs not-readable error; "
          "ciphers bad-ciphers error");
}

TEST_CASE("without a certificate nobody reads the files of TLS") {
    World world;
    world.settings.certfile.reset();
    world.settings.keyfile = "nope.pem";
    world.settings.ca_certs = "nope.pem";
    world.settings.ciphers = "NO_SUCH_CIPHER";
    CHECK(world.summary().empty());
}

TEST_CASE("what is wrong with a file is said once") {
    World world;
    world.write("x.pem", "garbage");
    world.settings.certfile = "x.pem";
    world.settings.keyfile.reset();
    CHECK(world.summary() == "certfile bad-certificate error");
    world.settings.certfile = "cert.pem";
    CHECK(world.summary() == "certfile bad-certificate error");  // no key in it
    CHECK(inspect_start(world.settings)[0].help.find("keyfile") != std::string::npos);
    world.settings.keyfile = "x.pem";
    CHECK(world.summary() == "keyfile bad-certificate error");
    world.settings.keyfile = "key.pem";
    world.settings.ca_certs = "x.pem";
    CHECK(world.summary() == "ca_certs bad-certificate error");
}

TEST_CASE("a key is judged where it is named") {
    World world;
    world.write("other.pem", pem_of(new_key()));
    world.settings.keyfile = "other.pem";
    CHECK(world.summary() == "keyfile key-mismatch error");
    world.write("key.pem", pem_of(world.party.key, "1234"));
    world.settings.keyfile = "key.pem";
    CHECK(world.summary() == "keyfile bad-certificate error");
    world.write("key.pem", pem_of(world.party.key));
    ::chmod(world.folder.path("key.pem").c_str(), 0644);
    CHECK(world.summary() == "keyfile exposed-key warning");
}

TEST_CASE("what Gunicorn starts with is a warning") {
    World world;
    const auto serve = [&](Party party) {
        world.write("cert.pem", party.pem());
        world.write("key.pem", pem_of(party.key));
        return world.summary();
    };
    const Party root("Root");
    CHECK(serve(Party("x", nullptr, days(-9), days(-1))) == "certfile certificate-expired warning");
    CHECK(serve(Party("x", nullptr, days(-9), days(9))) == "certfile certificate-expires-soon warning");
    CHECK(serve(Party("x", &root)) == "certfile incomplete-chain warning");
    CHECK(serve(Party("x", nullptr, days(-9), days(90), new_key(), "clientAuth")) == "certfile not-for-servers warning");
    world.settings.ciphers = "ECDHE+AESGCM:NO_SUCH_CIPHER";
    CHECK(serve(Party("x")) == "ciphers unknown-cipher warning");
}

TEST_CASE("what only OpenSSL's context knows is found with one") {
    World world;
    const Party weak("x", nullptr, days(-9), days(90), testing::Key(::EVP_RSA_gen(1024)));
    world.write("cert.pem", weak.pem());
    world.write("key.pem", pem_of(weak.key));
    CHECK(world.summary() == "certfile bad-certificate error");
    CHECK(inspect_start(world.settings)[0].message.find("small") != std::string::npos);
}

TEST_CASE("with the hook ssl_context the files have to be there, and no more") {
    World world;
    world.settings.ssl_context.is_set = true;
    world.write("cert.pem", "garbage");
    world.settings.keyfile = "nope.pem";
    world.settings.ca_certs = "nope.pem";
    world.settings.ciphers = "NO_SUCH_CIPHER";
    CHECK(world.summary() == "keyfile no-such-file error");
}

TEST_CASE("a pipe is not read, since the start has to") {
    World world;
    ::mkfifo(world.folder.path("pipe").c_str(), 0600);
    world.settings.keyfile = "pipe";
    CHECK(world.summary().empty());
}

}  // namespace
}  // namespace gunicorn::server::preflight
