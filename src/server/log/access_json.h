#pragma once

#include <string>

#include "gateway/access_record.h"

namespace gunicorn::server {

/// Appends one JSON object without "\n": the fields of docs/logging.md, always all of them and in this order; null is what
/// is not known.
void append_access_json(const gateway::AccessRecord& record, std::string& out);

}  // namespace gunicorn::server
