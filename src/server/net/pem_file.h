#pragma once
// For the sources of net/ only: what is in a file that should be PEM. Nothing here prompts for a passphrase.

#include <string>
#include <string_view>
#include <vector>

#include "server/net/openssl_handles.h"

namespace gunicorn::server {

struct PemCertificates {
    std::vector<CertificateHandle> list;
    std::string error;  ///< of the first one that cannot be parsed; or why there is none
    std::string help;   ///< how to make PEM of it, with FILE for the file
};
[[nodiscard]] PemCertificates parse_certificates(std::string_view bytes);

struct PemKey {
    KeyHandle key;  ///< null: see the rest
    bool is_missing = false;
    bool is_encrypted = false;
    std::string error;
    std::string help;
};
[[nodiscard]] PemKey parse_private_key(std::string_view bytes);

}  // namespace gunicorn::server
