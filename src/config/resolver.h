#pragma once
// From what every source said to Settings, or to everything that is wrong with it.

#include <span>
#include <vector>

#include "base/diagnostic.h"
#include "config/registry.h"
#include "config/source.h"
#include "config/validation.h"

namespace gunicorn::config {

/// Everything one source said, in its order.
using Layer = std::vector<Assignment>;

/// The sources, weakest first: this struct is the one place where the order is written down. The defaults, and the
/// variables that replace single defaults (WEB_CONCURRENCY, PORT ...), are below all of them.
struct Layers {
    Layer paste;                ///< --paste FILE
    Layer config_file;          ///< -c, or ./gunicorn.conf.py
    Layer setting_environment;  ///< GUNICORN_SETTING_<NAME>
    Layer command_environment;  ///< GUNICORN_CMD_ARGS
    Layer command_line;
    Layer runtime;  ///< cfg.set(...) by a hook

    [[nodiscard]] std::vector<Layer> weakest_first() const;
};

/// One value that somebody wanted for a setting.
struct Candidate {
    SettingId id;
    RawValue value;
    Origin origin;
    bool accepted;  ///< the validator took it
};

struct Resolution {
    Settings settings;        ///< the strongest accepted value of each, with its origin; usable only without errors
    Diagnostics diagnostics;  ///< in order of discovery; see diagnostic_report.h for sorting and text
    /// Every candidate, weakest first: the default of every setting that has one, then what the layers said.
    std::vector<Candidate> history;
    /// Names of users and groups were looked up. If not, settings hold the ids of this process in their place.
    bool knows_accounts = true;

    /// What a setting is, for people and dumps: a name that was not looked up stays the name.
    [[nodiscard]] RawValue shown_value(const Declaration& setting) const;
    [[nodiscard]] bool is_usable() const noexcept { return !has_errors(diagnostics); }
};

/// Applies the defaults, then the layers in the given order (weakest first): a later value replaces an earlier one. Every
/// assignment is judged, also those that a stronger one replaces (Gunicorn fails at them too); nothing stops at the first
/// mistake. Then come the settings that are obsolete or not supported yet, and the rules between settings
/// (cross_checks.h, rules.h), as far as their values were accepted. A name that is no setting is an error.
/// GIL: as context.objects says.
[[nodiscard]] Resolution resolve(std::span<const Layer> layers, const ValidationContext& context);
[[nodiscard]] Resolution resolve(const Layers& layers, const ValidationContext& context);

}  // namespace gunicorn::config
