#pragma once

#include <string_view>

#include "base/result.h"
#include "http/parse_error.h"

namespace gunicorn::http {

/// The parts of a request-target, views into it.
struct TargetParts {
    std::string_view path;       ///< see RequestHead::path()
    std::string_view query;      ///< without its "?"
    std::string_view fragment;   ///< without its "#"
    std::string_view scheme;     ///< of an absolute-form
    std::string_view authority;  ///< of an absolute-form, without userinfo; valid, and with a host
};

/// RFC 9112 3.2: origin-form and absolute-form, authority-form for CONNECT only, "*" for OPTIONS only.
Result<TargetParts, ParseError> parse_target(std::string_view target, std::string_view method) noexcept;

}  // namespace gunicorn::http
