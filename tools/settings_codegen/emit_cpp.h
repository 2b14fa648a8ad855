#pragma once
// The generated C++ files. Printing only: what they are given has no mistakes.

#include <string>

#include "model.h"

namespace gunicorn::codegen {

std::string emit_settings(const Settings& settings);  ///< config/settings.gen.h
std::string emit_registry(const Schema& schema);      ///< config/registry.gen.cc
std::string emit_hook_set(const Settings& settings);  ///< hooks/hook_set.gen.h
std::string emit_json_text(const std::string& document);  ///< config/json_schema.gen.cc

}  // namespace gunicorn::codegen
