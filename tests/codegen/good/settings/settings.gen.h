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
    workers,
    frame_size,
    mode,
    mode_names,
    nothing,
    sendfile,
    user,
    logger_class,
    headers,
    leftover,
};

inline constexpr std::size_t kSettingCount = 10;

/// Every setting, judged. A new one holds the fixed defaults; those that are computed or come from the environment are the
/// resolver's to fill in.
struct Settings {
    /// How many workers. [-w, --workers]
    std::int64_t workers = 1;
    /// The size of a frame. [config file only]
    std::int64_t frame_size = 16;
    /// The mode. [--mode]
    std::string mode = "off";
    /// Names of the mode. [--mode-name]
    std::vector<std::string> mode_names{"a", "b"};
    /// Text or nothing. [config file only]
    std::optional<std::string> nothing;
    /// Whether to send files. [--no-sendfile]
    bool sendfile = true;
    /// The user. [config file only]
    std::int64_t user = 0;
    /// The logger. [config file only]
    ClassValue logger_class = ClassValue("a.Logger");
    /// Headers. [config file only]
    RawValue headers = RawValue(Dict{{std::string("X-A"), RawValue("on")}, {std::string("X-B"), RawValue("1")}});
    /// Anything. [config file only]
    RawValue leftover = RawValue(std::int64_t{3});

    /// Who set each of them.
    std::array<Origin, kSettingCount> origins;
    [[nodiscard]] const Origin& origin(SettingId id) const { return origins[static_cast<std::size_t>(id)]; }
};

}  // namespace gunicorn::config
