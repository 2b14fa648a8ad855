#pragma once

#include <string_view>

#include "base/result.h"
#include "http/field_list.h"
#include "http/parse_error.h"

namespace gunicorn::http {

/// Whether white space between a field name and its colon is removed (strip_header_spaces) or refused.
enum class SpaceBeforeColon : bool { refuse, strip };

/// RFC 9112 5: field-line = field-name ":" OWS field-value OWS, without its CRLF and without folding. The views are into
/// `line`.
Result<FieldView, ParseError> parse_field_line(std::string_view line, SpaceBeforeColon space) noexcept;

}  // namespace gunicorn::http
