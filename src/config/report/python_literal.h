#pragma once

#include <string>
#include <string_view>

#include "config/value.h"

namespace gunicorn::config {

/// A Python str literal of exactly this text. Bytes that are no UTF-8 are the surrogate escapes that Python itself reads
/// them as ('\udcff'); what a terminal or an editor would obey is escaped.
[[nodiscard]] std::string python_literal(std::string_view text);

/// The value of a dump (config_dump.h) as Python writes it. Objects have no literal: they are <name>, safe for a terminal.
[[nodiscard]] std::string python_literal(const RawValue& value);

}  // namespace gunicorn::config
