#include "server/net/certificate_check.h"

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <ctime>
#include <memory>

#include <fmt/format.h>

#include "server/net/pem_file.h"

namespace gunicorn::server {
namespace {

using TimeHandle = std::unique_ptr<ASN1_TIME, FreeWith<&ASN1_TIME_free>>;

std::string name_of(const X509_NAME* name) {
    char* line = ::X509_NAME_oneline(name, nullptr, 0);
    std::string text = line == nullptr ? "" : line;
    ::OPENSSL_free(line);
    const std::size_t common = text.rfind("/CN=");
    return common == std::string::npos ? text : text.substr(common + 1);
}

std::string name_in_file(const PemCertificates& all, std::size_t index) {
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
    const TimeHandle from(::ASN1_TIME_set(nullptr, now));
    ::ASN1_TIME_diff(&distance.days, &distance.seconds, from.get(), time);
    return distance;
}

void check_dates(const PemCertificates& all, std::time_t now, std::vector<TlsProblem>& problems) {
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

bool issued(const CertificateHandle& issuer, const CertificateHandle& subject) {
    return ::X509_check_issued(issuer.get(), subject.get()) == X509_V_OK;
}

/// Clients know roots only: each certificate is followed by that of its issuer, up to one that a root issued.
void check_chain(const PemCertificates& all, std::vector<TlsProblem>& problems) {
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

/// Extensions say what a certificate may be used for (RFC 5280 4.2.1.3, 4.2.1.12); one without them may serve.
void check_purpose(const PemCertificates& all, std::vector<TlsProblem>& problems) {
    if (::X509_check_purpose(all.list[0].get(), X509_PURPOSE_SSL_SERVER, 0) == 1) return;
    problems.push_back({TlsFault::not_for_servers,
                        fmt::format("{} is not for servers, says its extendedKeyUsage or keyUsage", name_in_file(all, 0))});
}

TlsProblem mismatch(const PemCertificates& all, EVP_PKEY* key) {
    for (std::size_t i = 1; i < all.list.size(); ++i) {
        if (::X509_check_private_key(all.list[i].get(), key) != 1) continue;
        return {TlsFault::key_mismatch,
                fmt::format("the key belongs to {}, and the server's own certificate has to be the first",
                            name_in_file(all, i))};
    }
    return {TlsFault::key_mismatch, fmt::format("the key does not belong to {}", name_in_file(all, 0))};
}

}  // namespace

std::vector<TlsProblem> check_certificates(std::string_view pem, std::chrono::system_clock::time_point now) {
    std::vector<TlsProblem> problems;
    const PemCertificates all = parse_certificates(pem);
    if (!all.error.empty()) problems.push_back({TlsFault::bad_certificate, all.error, all.help});
    if (all.list.empty()) return problems;
    check_dates(all, std::chrono::system_clock::to_time_t(now), problems);
    check_chain(all, problems);
    check_purpose(all, problems);
    return problems;
}

std::vector<TlsProblem> check_private_key(std::string_view key_pem, std::string_view certificates_pem) {
    const PemKey parsed = parse_private_key(key_pem);
    if (parsed.key == nullptr) {
        return {{parsed.is_missing ? TlsFault::no_key : TlsFault::bad_key, parsed.error, parsed.help}};
    }
    const PemCertificates all = parse_certificates(certificates_pem);
    if (all.list.empty()) return {};  // a problem of the certificates
    std::vector<TlsProblem> problems;
    if (::X509_check_private_key(all.list[0].get(), parsed.key.get()) != 1)
        problems.push_back(mismatch(all, parsed.key.get()));
    ::ERR_clear_error();
    return problems;
}

std::vector<TlsProblem> check_authorities(std::string_view pem) {
    const PemCertificates all = parse_certificates(pem);
    if (all.error.empty()) return {};
    return {{TlsFault::bad_certificate, all.error, all.help}};
}

}  // namespace gunicorn::server
