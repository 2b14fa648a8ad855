#pragma once
// Reports for programs; see format_diagnostics.

#include <string>

#include "base/diagnostic.h"
#include "config/report/diagnostic_report.h"

namespace gunicorn::config {

[[nodiscard]] std::string json_report(const Diagnostics& diagnostics, const SourceTexts& texts, const ReportStyle& style);
[[nodiscard]] std::string github_report(const Diagnostics& diagnostics, Secrets secrets);
[[nodiscard]] std::string sarif_report(const Diagnostics& diagnostics, Secrets secrets);

}  // namespace gunicorn::config
