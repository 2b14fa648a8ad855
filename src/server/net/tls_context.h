#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"

namespace gunicorn::server {

class TicketKeys;

/// `cert_reqs`: what becomes of a client without a certificate, or with one that no authority vouches for.
enum class ClientCertificates {
    none,      ///< nobody is asked (ssl.CERT_NONE)
    optional,  ///< who shows one must show a good one (ssl.CERT_OPTIONAL)
    required,  ///< who shows none is refused (ssl.CERT_REQUIRED)
};

/// Which versions are spoken, between TLS 1.2 and TLS 1.3.
enum class TlsVersions { both, only_1_2, only_1_3 };

/// What the settings say about TLS. Paths are absolute, or relative to where the process is.
struct TlsOptions {
    std::string certificate_file;
    std::string key_file;          ///< empty: the key is in the certificate's file
    std::string authorities_file;  ///< ca_certs; empty: none
    ClientCertificates client_certificates = ClientCertificates::none;
    std::string ciphers;  ///< OpenSSL's notation, for TLS 1.2; empty: OpenSSL's default
    TlsVersions versions = TlsVersions::both;
    bool suppress_ragged_eofs = true;  ///< false: connections that end without close_notify are logged
};

/// The material and the rules that TLS connections of one generation are made from: certificate, key, authorities, ciphers.
/// Immutable; holds no connection, so it may be made before a fork and used after it.
class TlsContext {
public:
    /// Reads the files with the rights of this process. An Error names the file and what is wrong with it. `tickets` seals
    /// session tickets, for all workers alike; it outlives the context.
    static Result<std::unique_ptr<TlsContext>> create(const TlsOptions& options, const TicketKeys& tickets);
    TlsContext(const TlsContext&) = delete;
    TlsContext& operator=(const TlsContext&) = delete;
    ~TlsContext();

    /// For the sources of net/ only: OpenSSL's context.
    struct Impl;
    [[nodiscard]] const Impl& impl() const noexcept { return *impl_; }

private:
    explicit TlsContext(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace gunicorn::server
