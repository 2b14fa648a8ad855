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

/// The name that the command line has for a setting, as it would be written in a file: "log_level" of --log-level.
std::string name_of_flag(std::string_view flag) {
    if (!flag.starts_with("--")) return {};
    std::string name(flag.substr(2));
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

/// Other names and removed ones may not mean anything else already.
void check_other_names(const Schema& schema, Problems& problems) {
    std::map<std::string, std::string> taken;
    for (const Setting& setting : schema.settings) taken.emplace(setting.name, "a setting");
    for (const Setting& setting : schema.settings) {
        for (const std::string& flag : setting.flags) {
            taken.emplace(name_of_flag(flag), fmt::format("known from the option {}", flag));
        }
    }
    const auto take = [&](int line, const std::string& name, std::string meaning) {
        const auto [owner, is_new] = taken.emplace(name, std::move(meaning));
        if (!is_new) problems.push_back({line, "taken-name", fmt::format("`{}` is {} already", name, owner->second)});
    };
    for (const Setting& setting : schema.settings) {
        for (const std::string& name : setting.also_called) {
            take(setting.line, name, fmt::format("another name of `{}`", setting.name));
        }
    }
    for (const Removed& removed : schema.removed) take(removed.line, removed.name, "removed");
}

void check_replacements(const Schema& schema, Problems& problems) {
    for (const Removed& removed : schema.removed) {
        const bool is_known =
            removed.instead.empty() ||
            std::any_of(schema.settings.begin(), schema.settings.end(),
                        [&](const Setting& setting) { return setting.name == removed.instead; });
        if (is_known) continue;
        problems.push_back({removed.line, "unknown-replacement",
                            fmt::format("{}: no setting `{}`", removed.name, removed.instead)});
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

void check_across(const Schema& schema, Problems& problems) {
    check_names(schema.settings, problems);
    check_flags(schema.settings, problems);
    check_details(schema.settings, problems);
    check_other_names(schema, problems);
    check_replacements(schema, problems);
}

}  // namespace gunicorn::codegen
