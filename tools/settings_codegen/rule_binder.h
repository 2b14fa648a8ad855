#pragma once
// The `rules` of schema/diagnostics.yaml, checked and compiled.

#include <string>
#include <vector>

#include "diagnostics_model.h"
#include "model.h"
#include "problem.h"

namespace gunicorn::codegen {

/// One rule about one setting.
struct Rule {
    std::string code;       ///< "GCF302"
    std::string id;         ///< the DiagId
    std::string about;      ///< the setting that has to change
    TextList reads;         ///< settings, the one it is about included
    TextList facts;         ///< of the host; the rule says nothing while one of them is unknown
    std::string condition;  ///< C++ for a bool
    std::string message;    ///< C++ for a std::string
    std::string help;       ///< the same; empty without help
};

struct BoundRules {
    std::vector<Rule> rules;  ///< in the order of the codes, then as written
    Problems problems;        ///< by line
};

BoundRules bind_rules(const std::vector<DiagnosticKind>& kinds, const Settings& settings);

}  // namespace gunicorn::codegen
