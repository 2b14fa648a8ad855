#include "http/field_line.h"

#include "http/characters.h"

namespace gunicorn::http {

Result<FieldView, ParseError> parse_field_line(std::string_view line, SpaceBeforeColon space) noexcept {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return Unexpected{ParseError::bad_field_line};
    std::string_view name = line.substr(0, colon);
    // RFC 9112 5.1: a server MUST refuse white space between the name and the colon.
    if (!name.empty() && is_blank(name.back())) {
        if (space == SpaceBeforeColon::refuse) return Unexpected{ParseError::space_before_colon};
        while (!name.empty() && is_blank(name.back())) name.remove_suffix(1);
    }
    if (!is_token(name)) return Unexpected{ParseError::bad_field_name};
    const std::string_view value = trim_blanks(line.substr(colon + 1));
    if (!is_field_value(value)) return Unexpected{ParseError::bad_field_value};
    return FieldView{name, value};
}

}  // namespace gunicorn::http
