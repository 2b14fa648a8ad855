#pragma once
// Small pieces of C++: literals, types and initial values.

#include <string>
#include <string_view>

#include "model.h"

namespace gunicorn::codegen {

/// A lower-case name that C++ does not use itself.
bool is_identifier(std::string_view name);

/// "text" with everything escaped that needs it; one literal a line for text of several lines.
std::string quoted(std::string_view text, std::string_view indent = "");

/// Type of the field of `Settings`: std::int64_t, std::optional<std::string> ...
std::string field_type(const Setting& setting);

/// The value as the field holds it: 30, "sync", std::vector<std::string>{"a"}.
std::string typed_value(const Setting& setting, const Literal& value);

/// What stands behind the field's name in `Settings`: " = 30", or nothing where the type's own default will do.
std::string initializer(const Setting& setting);

/// The value as a source would hand it over: RawValue(30).
std::string raw_value(const Literal& value);

}  // namespace gunicorn::codegen
