#pragma once

#include <string_view>

namespace gunicorn::http {

/// The phrase registered for a status code (RFC 9110 15 and the IANA registry); "Unknown" for one that is not.
[[nodiscard]] std::string_view reason_phrase(int status) noexcept;

}  // namespace gunicorn::http
