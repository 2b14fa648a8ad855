#pragma once
// What a complete head means. The fields are there and well-formed; here they are judged together.

#include <cstdint>

#include "base/result.h"
#include "http/field_list.h"
#include "http/parse_error.h"
#include "http/request_head.h"

namespace gunicorn::http {

struct RequestSemantics {
    Framing framing = Framing::none;
    std::uint64_t content_length = 0;
    bool expects_continue = false;
    bool wants_keep_alive = false;
    bool wants_upgrade = false;
};

/// RFC 9112 3.2 (Host), 6 (framing), 9.3 (persistence); RFC 9110 7.8 (Upgrade), 10.1.1 (Expect).
Result<RequestSemantics, ParseError> judge_fields(const FieldList& fields, Version version) noexcept;

}  // namespace gunicorn::http
