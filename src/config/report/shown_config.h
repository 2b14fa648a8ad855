#pragma once
// What --print-config shows of a resolved configuration.

#include <string>

#include "config/report/config_dump.h"

namespace gunicorn::config {

enum class ShownForm {
    gunicorn,  ///< print_config
    table,     ///< for people: value, where it comes from, and below it what it replaced, strongest first
    json,      ///< config_json.h
    python,    ///< a gunicorn.conf.py with the same values
    ini,       ///< a paste file with the same values, for --paste
};

/// One document of whole lines. Secrets are redacted unless `secrets` says otherwise; in the python and ini forms a redacted
/// setting is a comment, as is what the form cannot carry. Table, python and ini are safe for a terminal.
/// `objects` may be null. GIL: as `objects` says.
[[nodiscard]] std::string show_config(const Resolution& resolution, const ObjectInspector* objects, ShownForm form,
                                      const Selection& selection, Secrets secrets);

/// Gunicorn's format (Config.__str__): "name    = value" sorted by name, a line each, texts bare, lists and dictionaries as
/// Python writes them, callables as <qualified.name()>.
[[nodiscard]] std::string print_config(const Resolution& resolution, const ObjectInspector* objects,
                                       const Selection& selection, Secrets secrets);

/// "workers  4   gunicorn.conf.py:14:11 <- $WEB_CONCURRENCY" and below it what lost (losers, without defaults).
[[nodiscard]] std::string config_table(const ConfigDump& dump);

enum class ReplacedDefaults { left_out, listed };
/// The lines below a setting: "<indent>replaces gunicorn.conf.py:3: 2" or "<indent>refused ..." for each that lost,
/// strongest first.
[[nodiscard]] std::string losers(const DumpedSetting& setting, const std::string& indent, ReplacedDefaults defaults);

}  // namespace gunicorn::config
