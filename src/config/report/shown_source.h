#pragma once
// The source line that a report shows with a finding.

#include <string>

#include "base/diagnostic.h"
#include "config/report/secrets.h"
#include "config/report/source_texts.h"

namespace gunicorn::config {

/// Without secrets: of a secret setting only what stands before its value, and never a line of an environment file. Empty
/// when there is nothing to show.
[[nodiscard]] std::string shown_source(const Diagnostic& finding, const SourceTexts& texts, Secrets secrets);

}  // namespace gunicorn::config
