#pragma once

#include <string_view>

namespace gunicorn::config {

/// JSON Schema (draft 2020-12) of an object that names settings, what --schema prints: schema/gunicorn.schema.json as it was
/// when this was built. schema/README.md says what the x- words mean.
[[nodiscard]] std::string_view json_schema() noexcept;

}  // namespace gunicorn::config
