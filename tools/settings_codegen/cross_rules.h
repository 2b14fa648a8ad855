#pragma once
// Rules between entries: every name and flag means one thing, `detail_of` and `instead` name a setting.

#include "model.h"
#include "problem.h"

namespace gunicorn::codegen {

void check_across(const Schema& schema, Problems& problems);

}  // namespace gunicorn::codegen
