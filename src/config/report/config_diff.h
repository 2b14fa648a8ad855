#pragma once
// What differs between two resolved configurations.

#include <optional>
#include <string>
#include <vector>

#include "config/report/config_dump.h"

namespace gunicorn::config {

struct DiffSide {
    RawValue value;
    Origin origin;
};

/// One setting that is not the same; a side is empty when that version or dump does not have the setting.
struct Difference {
    std::string setting;
    std::optional<DiffSide> left;
    std::optional<DiffSide> right;
};

struct ConfigDiff {
    std::string left_name;  ///< of the file or host, for people
    std::string right_name;
    std::string left_server;
    std::string right_server;
    std::vector<Difference> differences;    ///< by name of the setting
    std::vector<std::string> not_compared;  ///< settings that look the same, but one side is redacted

    [[nodiscard]] bool is_same() const noexcept { return differences.empty(); }
};

struct DiffInput {
    std::string name;
    ConfigDump dump;  ///< of all settings; with Secrets::shown where it can be, so that secrets are compared as well
};

/// Compares stored values: where they come from does not count, nor the order of dictionaries, nor settings that are about
/// one run of the command. The values in the answer are redacted unless `secrets` says otherwise.
[[nodiscard]] ConfigDiff diff_configs(const DiffInput& left, const DiffInput& right, Secrets secrets);

/// For people, safe for a terminal:
///
///     --- gunicorn.conf.py
///     +++ host-b.json
///     workers
///       - 4  gunicorn.conf.py:14:11
///       + 8  host-b.py:3
///
///     1 setting differs
[[nodiscard]] std::string diff_text(const ConfigDiff& diff);

/// {"format_version": 1, "left": {"name", "server"}, "right": ..., "same": false, "differences": [{"setting", "left":
/// {"value", "origin"} or null, "right"}], "not_compared": [NAME]}. Values and origins are those of config_json.h.
[[nodiscard]] std::string diff_json(const ConfigDiff& diff);

}  // namespace gunicorn::config
