#pragma once
// Made from schema/settings.yaml by tools/settings_codegen. Do not edit; edit the schema.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/origin.h"
#include "config/value.h"

namespace gunicorn::config {

/// In schema order.
enum class SettingId : std::uint16_t {
    nworkers_changed,
    post_request,
    ssl_context,
};

inline constexpr std::size_t kSettingCount = 3;

/// Every setting, judged. A new one holds the fixed defaults; those that are computed or come from the environment are the
/// resolver's to fill in.
struct Settings {
    /// Called when the number of workers changes. [config file only]
    HookValue nworkers_changed;
    /// Called after a request. [config file only]
    HookValue post_request;
    /// Called to make a context. [config file only]
    HookValue ssl_context;

    /// Who set each of them.
    std::array<Origin, kSettingCount> origins;
    [[nodiscard]] const Origin& origin(SettingId id) const { return origins[static_cast<std::size_t>(id)]; }
};

}  // namespace gunicorn::config
