#pragma once
// OpenSSL's errors as text.

#include <string>

namespace gunicorn::server {

/// What OpenSSL of this thread last complained about, the first cause first: "no start line". Empties its queue; nothing
/// else reads it. "unknown error" when there was none.
[[nodiscard]] std::string take_tls_error();

}  // namespace gunicorn::server
