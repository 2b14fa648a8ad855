#pragma once

#include <string>
#include <string_view>

namespace gunicorn {

/// Appends `bytes` as a JSON string with its quotes (RFC 8259 7), in ASCII: whoever shows the line on a terminal is told
/// nothing that the terminal obeys. Well-formed UTF-8 becomes \uXXXX, as in Python's json.dumps; each byte that is none
/// becomes \ufffd, so that any bytes give valid JSON.
void append_json_text(std::string_view bytes, std::string& out);

}  // namespace gunicorn
