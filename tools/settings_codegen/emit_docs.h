#pragma once
// docs/settings.md: the reference of every setting.

#include <string>

#include "model.h"

namespace gunicorn::codegen {

/// What the page lists below the description of a setting: names and Markdown.
TextMap facts(const Setting& setting);

std::string emit_docs(const Schema& schema);

}  // namespace gunicorn::codegen
