#include "server/net/certificate_check.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <ctime>
#include <memory>

#include <fmt/format.h>

#include "server/net/tls_error.h"

namespace gunicorn::server {
namespace {

template <auto Free>
struct FreeWith {
    template <class T>
    void operator()(T* object) const noexcept {
        Free(object);
    }
};
using Bio = std::unique_ptr<BIO, FreeWith<&BIO_free>>;
using Certificate = std::unique_ptr<X509, FreeWith<&X509_free>>;
using PrivateKey = std::unique_ptr<EVP_PKEY, FreeWith<&EVP_PKEY_free>>;
using Context = std::unique_ptr<SSL_CTX, FreeWith<&SSL_CTX_free>>;
using Time = std::unique_ptr<ASN1_TIME, FreeWith<&ASN1_TIME_free>>;

Bio bio_of(std::string_view bytes) { return Bio(::BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size()))); }

/// OpenSSL's default would ask on the terminal. `asked` is a bool.
int refuse_passphrase(char*, int, int, void* asked) {
    *static_cast<bool*>(asked) = true;
    return -1;
}

struct Certificates {
    std::vector<Certificate> list;
    std::string error;  ///< of the first one that cannot be parsed; or why there is none
};

Certificates parse_certificates(std::string_view pem) {
    Certificates parsed;
    const Bio bio = bio_of(pem);
    bool asked = false;
    ::ERR_clear_error();
    while (X509* one = ::PEM_read_bio_X509_AUX(bio.get(), nullptr, &refuse_passphrase, &asked))
        parsed.list.emplace_back(one);
    // The end of the file is reported as a missing start line.
    const bool is_end = ERR_GET_REASON(::ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    if (parsed.list.empty() && is_end) parsed.error = "it holds no certificate in PEM form";
    if (!is_end) parsed.error = fmt::format("certificate {} of the file: {}", parsed.list.size() + 1, take_tls_error());
    ::ERR_clear_error();
    return parsed;
}

std::string name_of(const X509_NAME* name) {
    char* line = ::X509_NAME_oneline(name, nullptr, 0);
    std::string text = line == nullptr ? "" : line;
    ::OPENSSL_free(line);
    const std::size_t common = text.rfind("/CN=");
    return common == std::string::npos ? text : text.substr(common + 1);
}

std::string name_in_file(const Certificates& all, std::size_t index) {
    const std::string subject = name_of(::X509_get_subject_name(all.list[index].get()));
    return index == 0 ? fmt::format("the certificate ({})", subject)
                      : fmt::format("certificate {} of the file ({})", index + 1, subject);
}

std::string day_of(const ASN1_TIME* time) {
    std::tm parts{};
    if (::ASN1_TIME_to_tm(time, &parts) != 1) return "an unreadable date";
    return fmt::format("{:04}-{:02}-{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
}

/// From `now` to `time`, negative when it is over; whole days are enough for a person, seconds decide.
struct Distance {
    int days = 0;
    int seconds = 0;
    [[nodiscard]] bool is_past() const { return days < 0 || seconds < 0; }
    [[nodiscard]] bool is_ahead() const { return days > 0 || seconds > 0; }
};

Distance distance_to(const ASN1_TIME* time, std::time_t now) {
    Distance distance;
    const Time from(::ASN1_TIME_set(nullptr, now));
    ::ASN1_TIME_diff(&distance.days, &distance.seconds, from.get(), time);
    return distance;
}

void check_dates(const Certificates& all, std::time_t now, std::vector<TlsProblem>& problems) {
    for (std::size_t i = 0; i < all.list.size(); ++i) {
        const ASN1_TIME* begin = ::X509_get0_notBefore(all.list[i].get());
        const ASN1_TIME* end = ::X509_get0_notAfter(all.list[i].get());
        const Distance left = distance_to(end, now);
        if (distance_to(begin, now).is_ahead()) {
            problems.push_back({TlsFault::not_valid,
                                fmt::format("{} is valid from {} on, not before", name_in_file(all, i), day_of(begin))});
        } else if (left.is_past()) {
            problems.push_back(
                {TlsFault::not_valid, fmt::format("{} has expired on {}", name_in_file(all, i), day_of(end))});
        } else if (left.days < kExpiresSoon.count()) {
            problems.push_back({TlsFault::expires_soon, fmt::format("{} expires on {}, in {} day{}", name_in_file(all, i),
                                                                    day_of(end), left.days, left.days == 1 ? "" : "s")});
        }
    }
}

bool issued(const Certificate& issuer, const Certificate& subject) {
    return ::X509_check_issued(issuer.get(), subject.get()) == X509_V_OK;
}

/// Clients know roots only: each certificate is followed by that of its issuer, up to one that a root issued.
void check_chain(const Certificates& all, std::vector<TlsProblem>& problems) {
    if (all.list.size() == 1 && !issued(all.list[0], all.list[0])) {
        const std::string issuer = name_of(::X509_get_issuer_name(all.list[0].get()));
        problems.push_back(
            {TlsFault::incomplete_chain,
             fmt::format("the file holds no intermediate certificate: clients that do not know {} refuse", issuer)});
    }
    for (std::size_t i = 1; i < all.list.size(); ++i) {
        if (issued(all.list[i], all.list[i - 1])) continue;
        problems.push_back(
            {TlsFault::incomplete_chain,
             fmt::format("{} did not issue the one before it: the order is the server's own, then its issuer, and so on",
                         name_in_file(all, i))});
        return;
    }
}

/// What only a context says: keys too small, signatures too weak for the security level.
std::optional<std::string> refusal_by_openssl(X509* certificate) {
    const Context context(::SSL_CTX_new(::TLS_server_method()));
    if (::SSL_CTX_use_certificate(context.get(), certificate) == 1) return std::nullopt;
    return take_tls_error();
}

}  // namespace

std::vector<TlsProblem> check_certificates(std::string_view pem, std::chrono::system_clock::time_point now) {
    std::vector<TlsProblem> problems;
    const Certificates all = parse_certificates(pem);
    if (!all.error.empty()) problems.push_back({TlsFault::bad_certificate, all.error});
    if (all.list.empty()) return problems;
    if (const auto refusal = refusal_by_openssl(all.list[0].get())) {
        problems.push_back({TlsFault::bad_certificate, fmt::format("{}: {}", name_in_file(all, 0), *refusal)});
    }
    check_dates(all, std::chrono::system_clock::to_time_t(now), problems);
    check_chain(all, problems);
    return problems;
}

std::vector<TlsProblem> check_private_key(std::string_view key_pem, std::string_view certificates_pem) {
    bool asked = false;
    ::ERR_clear_error();
    const Bio bio = bio_of(key_pem);
    const PrivateKey key(::PEM_read_bio_PrivateKey(bio.get(), nullptr, &refuse_passphrase, &asked));
    if (!key) {
        const bool is_missing = ERR_GET_REASON(::ERR_peek_last_error()) == PEM_R_NO_START_LINE;
        const std::string reason = take_tls_error();
        if (asked) return {{TlsFault::bad_key, "the key is encrypted, and nobody can type its passphrase at a start"}};
        return {
            {TlsFault::bad_key, is_missing ? "it holds no private key in PEM form" : "the key cannot be read: " + reason}};
    }
    const Certificates all = parse_certificates(certificates_pem);
    if (all.list.empty()) return {};  // a problem of the certificates
    const bool matches = ::X509_check_private_key(all.list[0].get(), key.get()) == 1;
    ::ERR_clear_error();
    if (matches) return {};
    return {{TlsFault::key_mismatch, fmt::format("the key does not belong to {}", name_in_file(all, 0))}};
}

std::vector<TlsProblem> check_authorities(std::string_view pem) {
    const Certificates all = parse_certificates(pem);
    if (all.error.empty()) return {};
    return {{TlsFault::bad_certificate, all.error}};
}

std::optional<std::string> check_ciphers(const std::string& ciphers) {
    ::ERR_clear_error();
    const Context context(::SSL_CTX_new(::TLS_server_method()));
    if (::SSL_CTX_set_cipher_list(context.get(), ciphers.c_str()) == 1) return std::nullopt;
    return take_tls_error();
}

}  // namespace gunicorn::server
