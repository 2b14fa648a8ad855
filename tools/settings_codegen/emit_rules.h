#pragma once
// config/rules.gen.cc: the table behind config/rules.h.

#include <string>
#include <vector>

#include "rule_binder.h"

namespace gunicorn::codegen {

std::string emit_rules(const std::vector<Rule>& rules);

}  // namespace gunicorn::codegen
