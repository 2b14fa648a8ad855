#include "config/setting_env_source.h"

#include "base/text.h"
#include "config/known_names.h"
#include "config/registry.h"

namespace gunicorn::config {
namespace {

RawValue value_of(const Declaration& declaration, const std::string& text) {
    if (declaration.type != ValueType::string_list || divides_text(declaration)) return text;
    List items;
    for (const std::string_view item : text::split(text, ',')) {
        if (!text::trim(item).empty()) items.emplace_back(text::trim(item));
    }
    return items;
}

std::string suggestion(const std::string& name) {
    std::vector<std::string_view> candidates;
    if (const Declaration* meant = meant_setting(name)) {
        candidates = {meant->name};
    } else {
        for (const Declaration& declaration : declarations()) candidates.push_back(declaration.name);
        candidates = text::near_matches(name, candidates);
    }
    if (candidates.empty()) return {};
    return "did you mean " + std::string(kSettingVariablePrefix) + text::to_upper(candidates.front()) + "?";
}

}  // namespace

SourceReading SettingEnvironmentSource::read() {
    SourceReading reading;
    for (auto entry = environment_.lower_bound(kSettingVariablePrefix);
         entry != environment_.end() && entry->first.starts_with(kSettingVariablePrefix); ++entry) {
        const Origin origin{SourceKind::setting_environment, entry->first};
        const std::string name = text::to_lower(std::string_view(entry->first).substr(kSettingVariablePrefix.size()));
        if (const Declaration* declaration = find_setting(name)) {
            reading.assignments.push_back({name, value_of(*declaration, entry->second), origin});
        } else {
            reading.diagnostics.push_back({DiagId::unknown_setting,
                                           {},
                                           origin,
                                           "there is no setting '" + name + "'",
                                           Severity::warning,
                                           suggestion(name)});
        }
    }
    return reading;
}

}  // namespace gunicorn::config
