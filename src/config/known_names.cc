#include "config/known_names.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "config/refusal.h"

namespace gunicorn::config {
namespace {

std::string normalized(std::string_view name) {
    std::string out = text::to_lower(name);
    std::replace(out.begin(), out.end(), '-', '_');
    return out;
}

/// The long option that gives this name; empty when the setting has none.
std::string_view flag_named(const Declaration& setting, std::string_view name) {
    const auto found = std::find_if(setting.flags.begin(), setting.flags.end(), [&](std::string_view flag) {
        return flag.starts_with("--") && normalized(flag.substr(2)) == name;
    });
    return found == setting.flags.end() ? std::string_view() : *found;
}

bool may_be_meant(const Declaration& setting, Where where) {
    return where != Where::function || setting.type == ValueType::hook;
}

const RemovedSetting* find_removed(std::string_view name, Where where) {
    for (const RemovedSetting& removed : removed_settings()) {
        if (removed.name != name) continue;
        const Declaration* instead = find_setting(removed.instead);
        return where != Where::function || (instead != nullptr && may_be_meant(*instead, where)) ? &removed : nullptr;
    }
    return nullptr;
}

std::string hint_of(const Declaration& meant, std::string_view name) {
    const std::string_view flag = flag_named(meant, name);
    if (flag.empty() || meant.name == name) return "did you mean " + text::repr(meant.name) + "?";
    const bool is_reversed = meant.action == CliAction::store_false;
    return "the setting for " + std::string(flag) + " is " +
           (is_reversed ? "'" + std::string(meant.name) + " = False'" : text::repr(meant.name));
}

Explanation story_of(const RemovedSetting& removed) {
    Explanation story{DiagId::removed_setting, {}, {}, true};
    story.message = removed.since.empty() ? "was a setting of development versions of Gunicorn only"
                                          : "is no setting since Gunicorn " + std::string(removed.since);
    if (!removed.instead.empty()) story.help = "use " + text::repr(removed.instead);
    if (!removed.note.empty()) story.help += (story.help.empty() ? "" : "; ") + std::string(removed.note);
    return story;
}

std::string near_settings(std::string_view name, Where where) {
    std::vector<std::string_view> names;
    for (const Declaration& setting : declarations()) {
        if (may_be_meant(setting, where)) names.push_back(setting.name);
    }
    return suggestion(name, names);
}

}  // namespace

const Declaration* meant_setting(std::string_view written) {
    const std::string name = normalized(written);
    if (const Declaration* setting = find_setting(name)) return setting;
    for (const Declaration& setting : declarations()) {
        if (!flag_named(setting, name).empty()) return &setting;
    }
    for (const Declaration& setting : declarations()) {
        if (std::find(setting.also_called.begin(), setting.also_called.end(), name) != setting.also_called.end())
            return &setting;
    }
    return nullptr;
}

Explanation explain_unknown(std::string_view written, Where where) {
    const std::string name = normalized(written);
    const Declaration* meant = meant_setting(name);
    const bool is_meant = meant != nullptr && may_be_meant(*meant, where);
    const RemovedSetting* removed = is_meant ? nullptr : find_removed(name, where);
    if (removed != nullptr) return story_of(*removed);

    std::string help = is_meant ? hint_of(*meant, name) : near_settings(name, where);
    switch (where) {
        case Where::assignment:
            return {DiagId::unknown_name, "is no setting, and nothing reads it", std::move(help), is_meant};
        case Where::function: return {DiagId::unbound_hook, "looks like a hook but is none", std::move(help), is_meant};
        case Where::elsewhere: break;
    }
    return {DiagId::unknown_setting, "is no setting", std::move(help), is_meant};
}

}  // namespace gunicorn::config
