#include "cross_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace gunicorn::codegen {
namespace {

void check_names(const Settings& settings, Problems& problems) {
    std::map<std::string_view, int> seen;
    for (const Setting& setting : settings) {
        const auto [first, is_new] = seen.emplace(setting.name, setting.line);
        if (is_new) continue;
        problems.push_back({setting.line, "duplicate-name",
                            fmt::format("`{}` is declared on line {} already", setting.name, first->second)});
    }
}

void check_flags(const Settings& settings, Problems& problems) {
    std::map<std::string_view, std::string_view> owners;
    for (const Setting& setting : settings) {
        for (const std::string& flag : setting.flags) {
            const auto [owner, is_new] = owners.emplace(flag, setting.name);
            if (is_new) continue;
            problems.push_back({setting.line, "duplicate-flag", fmt::format("{} belongs to `{}`", flag, owner->second)});
        }
    }
}

void check_details(const Settings& settings, Problems& problems) {
    for (const Setting& setting : settings) {
        if (setting.detail_of.empty()) continue;
        const auto feature = std::find_if(settings.begin(), settings.end(),
                                          [&](const Setting& other) { return other.name == setting.detail_of; });
        if (feature == settings.end()) {
            problems.push_back({setting.line, "detail-of-nothing", fmt::format("no setting `{}`", setting.detail_of)});
        } else if (feature->status != Status::not_yet || feature->inert_any || !feature->detail_of.empty()) {
            problems.push_back({setting.line, "detail-of-nothing",
                                fmt::format("`{}` is not a not_yet setting that asks for a feature", setting.detail_of)});
        }
    }
}

}  // namespace

void check_across(const Settings& settings, Problems& problems) {
    check_names(settings, problems);
    check_flags(settings, problems);
    check_details(settings, problems);
}

}  // namespace gunicorn::codegen
