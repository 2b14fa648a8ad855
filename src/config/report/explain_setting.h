#pragma once
// Pages for people about one setting or one kind of finding.

#include <string>
#include <string_view>

#include "base/result.h"
#include "config/report/secrets.h"
#include "config/resolver.h"

namespace gunicorn::config {

/// What --explain-setting prints: documentation, type, default, names in each source, what a reload does with it, status,
/// example; and with a resolution the value it has now, where that comes from and what it replaced, strongest first.
/// `written` may be anything that certainly means a setting: "--bind", "BIND". Else the error is a sentence with what may be
/// meant. `resolution` and `objects` may be null. GIL: as `objects` says.
[[nodiscard]] Result<std::string, std::string> explain_setting(std::string_view written, const Resolution* resolution,
                                                               const ObjectInspector* objects, Secrets secrets);

/// What --explain prints: the page of a code, "GCF101", or of a name, "unknown-name". Else the error is a sentence with what
/// may be meant.
[[nodiscard]] Result<std::string, std::string> explain_code(std::string_view written);

}  // namespace gunicorn::config
