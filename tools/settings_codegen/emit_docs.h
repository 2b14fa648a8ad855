#pragma once
// docs/settings.md: the reference of every setting.

#include <string>

#include "model.h"

namespace gunicorn::codegen {

std::string emit_docs(const Settings& settings);

}  // namespace gunicorn::codegen
