#include "server/net/tls_error.h"

#include <openssl/err.h>

#include <cstring>

namespace gunicorn::server {

std::string take_tls_error() {
    const unsigned long first = ::ERR_get_error();
    ::ERR_clear_error();
    if (ERR_SYSTEM_ERROR(first)) return std::strerror(ERR_GET_REASON(first));
    const char* reason = first == 0 ? nullptr : ::ERR_reason_error_string(first);
    if (reason != nullptr) return reason;
    char text[256];
    ::ERR_error_string_n(first, text, sizeof text);
    return first == 0 ? "unknown error" : text;
}

}  // namespace gunicorn::server
