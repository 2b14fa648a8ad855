#pragma once
// schema/gunicorn.schema.json: every setting as JSON Schema, draft 2020-12.

#include <string>

#include "model.h"

namespace gunicorn::codegen {

std::string emit_json_schema(const Settings& settings);

}  // namespace gunicorn::codegen
