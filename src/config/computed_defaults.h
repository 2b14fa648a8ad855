#pragma once
// Defaults that ask the world: the functions that `default_call` of schema/settings.yaml names.

#include "config/validation.h"
#include "config/value.h"

namespace gunicorn::config::computed_defaults {

inline RawValue effective_user(const ValidationContext& context) { return context.effective_user; }
inline RawValue effective_group(const ValidationContext& context) { return context.effective_group; }
inline RawValue working_directory(const ValidationContext& context) { return context.working_directory; }

}  // namespace gunicorn::config::computed_defaults
