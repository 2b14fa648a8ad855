#pragma once
// Source lines of Python as reports may quote them. A line of a long list says nothing of the name that it is bound to, so all
// that stands before it is read, as words, texts and brackets: the source need not compile.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "config/report/secret_spans.h"

namespace gunicorn::config {

/// One line without its end, with `[redacted]` for what `spans` has of it, which are secret_spans(source), and what redact_text
/// leaves of the rest. Empty when there is no such line.
[[nodiscard]] std::string redact_python_line(std::string_view source, const std::vector<Piece>& spans, int number);

/// The same for a line that is a part of `source`, as a view into it.
[[nodiscard]] std::string redact_python_line(std::string_view source, const std::vector<Piece>& spans, std::string_view within);

/// The same for the lines that a traceback quotes, and redact_text for all others. `text_of` gives the source of a file, empty
/// when it has none.
[[nodiscard]] std::string redact_traceback(std::string_view traceback,
                                           const std::function<std::string(const std::string& file)>& text_of);

}  // namespace gunicorn::config
