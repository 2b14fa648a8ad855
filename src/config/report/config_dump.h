#pragma once
// A resolved configuration without Python: what is shown of it, what its JSON form carries to another host, and what two
// configurations are compared by.

#include <string>
#include <string_view>
#include <vector>

#include "base/origin.h"
#include "config/registry.h"
#include "config/report/secrets.h"
#include "config/resolver.h"
#include "config/value.h"

namespace gunicorn::config {

/// Values of a dump hold no handles. What only Python understands stands as the dictionary {"$object": NAME}, the name being
/// "module.qualname", or a repr without its address where there is none. Any other key that begins with '$' has another '$'
/// in front of it.
inline constexpr std::string_view kObjectKey = "$object";

struct DumpedCandidate {
    RawValue value;  ///< as its source gave it
    Origin origin;
    bool accepted = false;
};

struct DumpedSetting {
    std::string name;
    RawValue value;          ///< as stored
    RawValue default_value;  ///< as stored when nobody sets it, nor the variable of its default
    bool changed = false;    ///< value and default differ
    bool redacted = false;   ///< value or winner are shown in part only
    Origin origin;
    std::vector<DumpedCandidate> history;  ///< strongest first; the first accepted one is the value
};

struct ConfigDump {
    std::string server;                   ///< "gunicorn 27.0.0"
    std::vector<DumpedSetting> settings;  ///< by name
};

/// Which settings: all, or those named, or of these those that differ from their default.
struct Selection {
    std::vector<std::string> names = {};  ///< empty: all; names that are no settings select nothing
    bool changed_only = false;
};

[[nodiscard]] bool is_selected(const Declaration& setting, const Resolution& resolution, const Selection& selection);

/// `objects` may be null. GIL: as `objects` says.
[[nodiscard]] ConfigDump dump_config(const Resolution& resolution, const ObjectInspector* objects,
                                     const Selection& selection, Secrets secrets);

/// config, print_config and check_config are about one run of the command: they are not carried over, and not compared.
[[nodiscard]] bool is_about_one_run(std::string_view setting) noexcept;

/// The name when the value is an object, else null. For values of a dump.
[[nodiscard]] const std::string* object_name(const RawValue& value) noexcept;

/// Whether the value, or one within it, is an object. For values of a dump.
[[nodiscard]] bool holds_object(const RawValue& value) noexcept;

/// "gunicorn.conf.py:14:11 <- $WEB_CONCURRENCY", "command line, argument 3", "default"; safe for a terminal.
[[nodiscard]] std::string shown_origin(const Origin& origin);

}  // namespace gunicorn::config
