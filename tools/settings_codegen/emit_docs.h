#pragma once
// docs/settings.md: the reference of every setting.

#include <string>

#include "model.h"

namespace gunicorn::codegen {

std::string emit_docs(const Schema& schema);

}  // namespace gunicorn::codegen
