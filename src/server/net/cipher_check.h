#pragma once
// What is wrong with a list of ciphers, before anything is served with it.

#include <string>
#include <vector>

#include "server/net/tls_problem.h"

namespace gunicorn::server {

/// A list in OpenSSL's notation (ciphers(1)), for TLS 1.2. OpenSSL refuses a list that leaves nothing, and passes over
/// entries that it does not know without a word. Empty: fine.
[[nodiscard]] std::vector<TlsProblem> check_ciphers(const std::string& ciphers);

}  // namespace gunicorn::server
