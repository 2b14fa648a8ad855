#include "server/net/pem_file.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#include <array>
#include <optional>

#include <fmt/format.h>

#include "server/net/tls_error.h"

namespace gunicorn::server {
namespace {

BioHandle bio_of(std::string_view bytes) {
    return BioHandle(::BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

/// OpenSSL's default would ask on the terminal. `asked` is a bool.
int refuse_passphrase(char*, int, int, void* asked) {
    *static_cast<bool*>(asked) = true;
    return -1;
}

constexpr std::string_view kOpenSsh = "-----BEGIN OPENSSH PRIVATE KEY-----";

struct Form {
    std::string_view name;
    std::string_view help;
};

template <auto Parse, auto Free>
bool is_der_of(std::string_view bytes) {
    const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
    auto* object = Parse(nullptr, &at, static_cast<long>(bytes.size()));
    Free(object);
    return object != nullptr;
}

/// What people put in place of PEM, or of the right PEM.
std::optional<Form> other_form(std::string_view bytes) {
    static constexpr std::array<std::pair<std::string_view, Form>, 5> kPem{{
        {"-----BEGIN PKCS7-----", {"a PKCS #7 container", "openssl pkcs7 -print_certs -in FILE -out FILE.pem"}},
        {"CERTIFICATE REQUEST-----", {"a certificate request", "an authority makes the certificate of it"}},
        {kOpenSsh, {"a key in the form of OpenSSH", "ssh-keygen -p -m PEM -f FILE"}},
        {"PRIVATE KEY-----", {"a private key", ""}},
        {"PUBLIC KEY-----", {"a public key", ""}},
    }};
    if (bytes.empty()) return Form{"nothing at all", ""};
    if (is_der_of<&d2i_X509, &X509_free>(bytes)) {
        return Form{"a certificate in DER form", "openssl x509 -inform DER -in FILE -out FILE.pem"};
    }
    if (is_der_of<&d2i_PKCS12, &PKCS12_free>(bytes)) {
        return Form{"a PKCS #12 container", "openssl pkcs12 -in FILE -nodes -out FILE.pem"};
    }
    if (is_der_of<&d2i_AutoPrivateKey, &EVP_PKEY_free>(bytes) || is_der_of<&d2i_X509_SIG, &X509_SIG_free>(bytes)) {
        return Form{"a private key in DER form", "openssl pkey -inform DER -in FILE -out FILE.pem"};
    }
    for (const auto& [line, form] : kPem) {
        if (bytes.find(line) != std::string_view::npos) return form;
    }
    return std::nullopt;
}

/// "it holds no certificate in PEM form, but a PKCS #12 container"
std::string missing(std::string_view what, const std::optional<Form>& instead) {
    return fmt::format("it holds no {} in PEM form{}{}", what, instead ? ", but " : "", instead ? instead->name : "");
}

}  // namespace

PemCertificates parse_certificates(std::string_view bytes) {
    PemCertificates parsed;
    const BioHandle bio = bio_of(bytes);
    bool asked = false;
    ::ERR_clear_error();
    while (X509* one = ::PEM_read_bio_X509_AUX(bio.get(), nullptr, &refuse_passphrase, &asked))
        parsed.list.emplace_back(one);
    // The end of the file is reported as a missing start line.
    if (ERR_GET_REASON(::ERR_peek_last_error()) != PEM_R_NO_START_LINE) {
        parsed.error = fmt::format("certificate {} of the file: {}", parsed.list.size() + 1, take_tls_error());
    } else if (parsed.list.empty()) {
        const auto form = other_form(bytes);
        parsed.error = missing("certificate", form);
        if (form) parsed.help = form->help;
    }
    ::ERR_clear_error();
    return parsed;
}

PemKey parse_private_key(std::string_view bytes) {
    PemKey parsed;
    bool asked = false;
    ::ERR_clear_error();
    const BioHandle bio = bio_of(bytes);
    parsed.key.reset(::PEM_read_bio_PrivateKey(bio.get(), nullptr, &refuse_passphrase, &asked));
    if (parsed.key != nullptr) return parsed;
    // OpenSSL does not tell a file without a key from one with a key that it cannot read.
    const bool has_key =
        bytes.find("PRIVATE KEY-----") != std::string_view::npos && bytes.find(kOpenSsh) == std::string_view::npos;
    parsed.is_missing = !has_key;
    parsed.is_encrypted = asked;
    const std::string reason = take_tls_error();
    if (asked) {
        parsed.error = "the key is encrypted, and nobody can type its passphrase at a start";
        parsed.help = "openssl pkey -in FILE -out FILE.plain takes the passphrase off; the hook ssl_context can give it";
    } else if (parsed.is_missing) {
        const auto form = other_form(bytes);
        parsed.error = missing("private key", form);
        if (form) parsed.help = form->help;
    } else {
        parsed.error = "the key cannot be read: " + reason;
    }
    ::ERR_clear_error();
    return parsed;
}

}  // namespace gunicorn::server
