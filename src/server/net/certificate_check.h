#pragma once
// What is wrong with the material of TLS, judged from its bytes before anything is served with it. What only a context says,
// as that a key is too small, TlsContext::create() says.

#include <chrono>
#include <string_view>
#include <vector>

#include "server/net/tls_problem.h"

namespace gunicorn::server {

inline constexpr std::chrono::days kExpiresSoon{30};

/// The certificates of a PEM file, the server's own first, as of `now`. Empty: fine.
[[nodiscard]] std::vector<TlsProblem> check_certificates(std::string_view pem, std::chrono::system_clock::time_point now);

/// A PEM private key for the first certificate. Never prompts.
[[nodiscard]] std::vector<TlsProblem> check_private_key(std::string_view key_pem, std::string_view certificates_pem);

/// A PEM file of authorities: at least one certificate, and nothing that cannot be parsed.
[[nodiscard]] std::vector<TlsProblem> check_authorities(std::string_view pem);

}  // namespace gunicorn::server
