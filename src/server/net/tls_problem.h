#pragma once

#include <string>

namespace gunicorn::server {

enum class TlsFault {
    bad_certificate,  ///< cannot be parsed, or OpenSSL refuses to serve it
    bad_key,          ///< the same of the key; also one that is encrypted, since nobody is there to type a passphrase
    no_key,           ///< where one was looked for
    key_mismatch,
    not_valid,  ///< not yet, or no more
    expires_soon,
    incomplete_chain,
    not_for_servers,  ///< by its own words
    bad_ciphers,      ///< a list that leaves none
    unknown_cipher,   ///< an entry that OpenSSL passes over
};

struct TlsProblem {
    TlsFault fault;
    std::string message;    ///< "certificate 2 of the file (CN=Example CA) has expired on 2026-01-31"
    std::string help = {};  ///< what to do about it; FILE stands for the file
};

}  // namespace gunicorn::server
