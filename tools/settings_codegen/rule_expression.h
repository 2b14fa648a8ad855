#pragma once
// The condition of a rule: a small language, compiled to C++. schema/README.md describes it.

#include <string>
#include <string_view>

#include "rule_scope.h"

namespace gunicorn::codegen {

/// C++ for a bool, which uses `settings` and `facts`. Errors: bad-expression, expression-type, and those of the scope.
RuleResult<std::string> compile_condition(std::string_view text, RuleScope& scope);

/// C++ for a std::string: the text with the values that it names in braces. Errors: bad-expression, and those of the scope.
RuleResult<std::string> compile_text(std::string_view text, RuleScope& scope);

}  // namespace gunicorn::codegen
