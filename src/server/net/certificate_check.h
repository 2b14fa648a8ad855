#pragma once
// What is wrong with the material of TLS, judged from its bytes before anything is served with it.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gunicorn::server {

enum class TlsFault {
    bad_certificate,  ///< cannot be parsed, or OpenSSL refuses to serve it
    bad_key,          ///< the same of the key; also one that is encrypted, since nobody is there to type a passphrase
    key_mismatch,
    not_valid,  ///< not yet, or no more
    expires_soon,
    incomplete_chain,
};

struct TlsProblem {
    TlsFault fault;
    std::string message;  ///< "certificate 2 of the file (CN=Example CA) has expired on 2026-01-31"
};

inline constexpr std::chrono::days kExpiresSoon{30};

/// The certificates of a PEM file, the server's own first, as of `now`. Empty: fine.
[[nodiscard]] std::vector<TlsProblem> check_certificates(std::string_view pem, std::chrono::system_clock::time_point now);

/// A PEM private key for the first certificate. Never prompts.
[[nodiscard]] std::vector<TlsProblem> check_private_key(std::string_view key_pem, std::string_view certificates_pem);

/// A PEM file of authorities: at least one certificate, and nothing that cannot be parsed.
[[nodiscard]] std::vector<TlsProblem> check_authorities(std::string_view pem);

/// A cipher list in OpenSSL's notation. Why it cannot be used; nothing when it can.
[[nodiscard]] std::optional<std::string> check_ciphers(const std::string& ciphers);

}  // namespace gunicorn::server
