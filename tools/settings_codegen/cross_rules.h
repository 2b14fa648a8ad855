#pragma once
// Rules between settings: names and flags are unique, `detail_of` names a feature.

#include "model.h"
#include "problem.h"

namespace gunicorn::codegen {

void check_across(const Settings& settings, Problems& problems);

}  // namespace gunicorn::codegen
