#pragma once
// The JSON form of a resolved configuration, format version 1.
//
// {"format_version": 1,
//  "server": "gunicorn 27.0.0",            who wrote it
//  "selection": "all",                     or "some": with --changed or names
//  "settings": {NAME: {                    by name
//     "value": ...,                        as stored
//     "default": ...,                      as stored when nobody sets it
//     "changed": false,                    whether the two differ
//     "redacted": true,                    only when a part of the value is hidden
//     "origin": {...},                     where the value comes from, see origin_documents.h
//     "history": [                         everything that was said, strongest first; the first accepted one is the value
//        {"value": ..., "origin": {...}, "accepted": true}, ...]}}}
//
// Values are JSON's own. What JSON has not is an object with one key that begins with '$': {"$object": "module.qualname"}
// for what only Python understands, {"$bytes": "2fff"} for a text that is no UTF-8, in hexadecimal, {"$float": "nan"} for
// nan, inf and -inf. Every other key that begins with '$' has another '$' in front of it.

#include <string>
#include <string_view>

#include "base/result.h"
#include "config/report/config_dump.h"

namespace gunicorn::config {

[[nodiscard]] std::string config_json(const ConfigDump& dump, const Selection& selection);

/// For the status of a running server: the settings that differ from their defaults, [{"name": "workers", "value": 4,
/// "origin": "gunicorn.conf.py:14:11", "redacted": true}, ...]; `redacted` only when a part of the value is hidden.
[[nodiscard]] std::string changed_settings_json(const ConfigDump& dump);

/// The reverse of config_json. The error says what is wrong, and where: broken JSON, another format version, a wrong type, a
/// dump of some settings only. Fields that are not known are passed over.
[[nodiscard]] Result<ConfigDump, std::string> parse_config_json(std::string_view text);

}  // namespace gunicorn::config
