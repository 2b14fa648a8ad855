#pragma once
// What to say about a name that somebody took for a setting.

#include <string>
#include <string_view>

#include "base/diagnostic.h"
#include "config/registry.h"

namespace gunicorn::config {

/// Where the name stands: what it may mean, and how it is spoken of, depends on that.
enum class Where {
    assignment,  ///< of a name in the config file that nothing there reads
    function,    ///< of the config file, which nothing calls and whose parameters are those of a hook: only hooks are meant
    elsewhere,   ///< a key of a paste file, cfg.set(...): where nothing but a setting can be meant
};

struct Explanation {
    DiagId id;            ///< removed_setting; else unknown_name, unbound_hook or unknown_setting, as `Where` says
    std::string message;  ///< "is no setting"
    std::string help;     ///< "did you mean 'workers'?"
    bool is_certain;      ///< a table knows the name; false for near misses and for names that nothing is known about
};

/// The setting that is certainly meant: by its name in another case or with dashes, by its option without the dashes
/// ("log_level"), or by a name that the schema lists under `also_called`. Null when there is none.
[[nodiscard]] const Declaration* meant_setting(std::string_view name);

/// `name` is no setting. Certain meanings come first, then removed settings, then settings with a similar name.
[[nodiscard]] Explanation explain_unknown(std::string_view name, Where where);

}  // namespace gunicorn::config
