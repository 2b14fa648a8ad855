#pragma once

#include <string>

#include "config/report/config_dump.h"

namespace gunicorn::config {

/// A gunicorn.conf.py that gives the settings of the dump their values again. Hooks, classes and other objects are written
/// when their source named them by a dotted path. A comment says it of what cannot be written: objects, redacted values,
/// hooks that nobody set, and what is about one run of the command only.
[[nodiscard]] std::string config_as_python(const ConfigDump& dump);

/// What a file has to say to get the value back: the stored value, or for objects what the winning source wrote. Null when
/// that is an object as well. Lent from `setting`.
[[nodiscard]] const RawValue* writable_value(const DumpedSetting& setting);

/// "a,b": a list as the settings want it that divide a text by themselves (divides_text); other values as they are.
[[nodiscard]] RawValue as_written(const Declaration& setting, const RawValue& value);

/// Why a setting of the dump cannot be carried over by any file; empty when it can.
[[nodiscard]] std::string why_not_carried(const DumpedSetting& setting);

}  // namespace gunicorn::config
