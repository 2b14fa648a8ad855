#pragma once
// schema/diagnostics.yaml, checked: everything that can be found in a configuration.

#include <string>
#include <vector>

#include "model.h"
#include "problem.h"
#include "schema_reader.h"

namespace gunicorn::codegen {

// Spelled as in the schema and in base/diagnostic.h.
enum class Severity { note, warning, error };
inline const Names kSeverities{"note", "warning", "error"};

struct DiagnosticKind {
    int line = 0;
    std::string code;  ///< "GCF101"
    std::string id;    ///< "unknown_name", the enumerator
    Severity severity = Severity::error;
    bool is_fallible = false;  ///< an error that may be lowered and ignored, since the check may be wrong
    bool has_lesser = false;   ///< some findings of this error are warnings or notes
    std::string title;
    std::string description;  ///< Markdown
    std::vector<Node> rules;  ///< as written; bind_rules gives them a meaning
};

struct BoundDiagnostics {
    std::vector<DiagnosticKind> kinds;  ///< by code
    Problems problems;                  ///< by line
};

BoundDiagnostics bind_diagnostics(const Node& root);

}  // namespace gunicorn::codegen
