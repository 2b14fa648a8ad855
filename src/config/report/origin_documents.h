#pragma once
// Origins in JSON, for the other *_documents.cc alone.

#include <nlohmann/json.hpp>
#include <optional>

#include "base/origin.h"

namespace gunicorn::config {

/// {"kind": "config_file", "name": "gunicorn.conf.py", "line": 12, "column": 11, "end_column": 12, "argument": 1,
/// "variables": ["PORT"]}. Only `kind` is always there. Line and column are what diagnostics point at: the value where its
/// place is known, else the name.
[[nodiscard]] nlohmann::ordered_json origin_json(const Origin& origin);

/// The reverse; nothing when it is no such object.
[[nodiscard]] std::optional<Origin> origin_of_json(const nlohmann::ordered_json& document);

}  // namespace gunicorn::config
