#pragma once
// Rules between settings. The table is generated from schema/diagnostics.yaml; what needs code is in cross_checks.h.

#include <array>
#include <span>
#include <string>

#include "base/diagnostic.h"
#include "config/registry.h"
#include "config/rule_facts.h"

namespace gunicorn::config {

struct Rule {
    DiagId id;
    SettingId about;                   ///< the one that has to change
    std::span<const SettingId> reads;  ///< `about` included
    bool (*applies)(const Settings&, const RuleFacts&);
    std::string (*message)(const Settings&, const RuleFacts&);  ///< only when the rule applies
    std::string (*help)(const Settings&, const RuleFacts&);     ///< null without help
};

/// By code.
[[nodiscard]] std::span<const Rule> rules() noexcept;

/// Every rule that applies, with the origin of the setting that has to change and a note for each other setting it reads
/// that somebody set. A rule that reads a setting in `refused`, of which somebody's value was not accepted, is left out:
/// what the settings hold there is not what was meant.
[[nodiscard]] Diagnostics check_rules(const Settings& settings, std::span<const SettingId> refused, const RuleFacts& facts);

}  // namespace gunicorn::config
