// The bytes are a dump of a configuration (--diff-config).

#include <nlohmann/json.hpp>
#include <string>

#include "base/assert.h"
#include "base/text.h"
#include "config/report/config_diff.h"
#include "config/report/config_json.h"
#include "fuzz/fuzz_target.h"

namespace gunicorn::fuzz {

void config_json(std::string_view bytes) {
    const auto read = config::parse_config_json(bytes);
    if (!read) {
        GN_ASSERT(text::printable(read.error()) == read.error(), "a terminal obeys nothing of the error");
        return;
    }
    const std::string written = config::config_json(*read, {});
    const auto again = config::parse_config_json(written);
    GN_ASSERT(again.has_value(), "what is written can be read");
    GN_ASSERT(config::config_json(*again, {}) == written, "and says the same");

    const config::ConfigDump nothing;
    for (const auto secrets : {config::Secrets::shown, config::Secrets::hidden}) {
        GN_ASSERT(config::diff_configs({"here", *read}, {"there", *again}, secrets).is_same(),
                  "a dump is the same as itself");
        const config::ConfigDiff diff = config::diff_configs({"here", *read}, {"there", nothing}, secrets);
        GN_ASSERT(nlohmann::json::accept(config::diff_json(diff)), "a JSON form is JSON");
        const std::string shown = config::diff_text(diff);
        for (const std::string_view line : text::split(shown, '\n')) {
            GN_ASSERT(text::printable(line) == line, "a terminal obeys nothing of a difference");
        }
    }
}

}  // namespace gunicorn::fuzz
