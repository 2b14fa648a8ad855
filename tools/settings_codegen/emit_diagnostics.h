#pragma once
// What is made of schema/diagnostics.yaml: the enum, the table behind base/diagnostic.h, a page for each code.

#include <string>
#include <utility>
#include <vector>

#include "diagnostics_model.h"

namespace gunicorn::codegen {

std::string emit_diag_ids(const std::vector<DiagnosticKind>& kinds);
std::string emit_diagnostic_table(const std::vector<DiagnosticKind>& kinds);

/// (name of the file, text): README.md, which lists them all, and GCF###.md for each.
std::vector<std::pair<std::string, std::string>> emit_diagnostic_pages(const std::vector<DiagnosticKind>& kinds);

}  // namespace gunicorn::codegen
