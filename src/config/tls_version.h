#pragma once
// What a value of `ssl_version` asks for. The rules of a check and the server read it with this one function.

#include "config/value.h"

namespace gunicorn::config {

enum class TlsVersion {
    any,  ///< whatever both sides know: nothing was said, or one of Python's names for that
    only_1_2,
    only_1_3,
    too_old,  ///< SSL 2 and 3, TLS 1.0 and 1.1, which are not spoken any more (RFC 8996, RFC 7568, RFC 6176)
    unknown,  ///< names no version
};

/// Reads the numbers of Python's `ssl.PROTOCOL_*` and `ssl.TLSVersion`, also written as text (the command line), and their
/// names with or without `ssl.`, `PROTOCOL_` and `TLSVersion.`: "TLSv1_2", "TLSv1.2", 5, 771.
[[nodiscard]] TlsVersion tls_version_of(const RawValue& value);

}  // namespace gunicorn::config
