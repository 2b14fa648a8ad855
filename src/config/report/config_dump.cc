#include "config/report/config_dump.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"

namespace gunicorn::config {
namespace {

/// "<function f at 0x7f00>" without " at 0x7f00", which differs from one process to the next.
std::string without_addresses(std::string_view text) {
    static constexpr std::string_view kMark = " at 0x";
    std::string out;
    for (std::size_t at = text.find(kMark); at != std::string_view::npos; at = text.find(kMark)) {
        const std::size_t end = text.find_first_not_of("0123456789abcdefABCDEF", at + kMark.size());
        out += text.substr(0, at);
        text.remove_prefix(std::min(end, text.size()));
    }
    return out + std::string(text);
}

RawValue object_value(std::string name) { return Dict{{std::string(kObjectKey), RawValue(std::move(name))}}; }

class Dumper {
public:
    Dumper(const ObjectInspector* objects, Secrets secrets) : objects_(objects), secrets_(secrets) {}

    RawValue dump(const Declaration& setting, const RawValue& value) const {
        return without_handles(secrets_ == Secrets::hidden ? redact(setting, value) : value);
    }

    bool is_redacted(const Declaration& setting, const RawValue& value) const {
        return secrets_ == Secrets::hidden && !(redact(setting, value) == value);
    }

private:
    RawValue without_handles(const RawValue& value) const {
        if (const auto* object = value.get_if<ObjectHandle>()) {
            const std::string name = objects_ == nullptr ? "object" : without_addresses(objects_->qualified_name(*object));
            return object_value(secrets_ == Secrets::hidden ? redact_text(name) : name);
        }
        if (const List* items = value.get_if<List>()) {
            List out;
            for (const RawValue& item : *items) out.push_back(without_handles(item));
            return out;
        }
        if (const Dict* entries = value.get_if<Dict>()) {
            Dict out;
            for (const auto& [key, item] : *entries) {
                out.emplace_back(key.starts_with('$') ? "$" + key : key, without_handles(item));
            }
            return out;
        }
        return value;
    }

    const ObjectInspector* objects_;
    Secrets secrets_;
};

RawValue default_of(const Declaration& setting, const Resolution& resolution) {
    if (!setting.has_computed_default) {
        static const Settings kFixed;
        return setting.get(kFixed);
    }
    for (const Candidate& candidate : resolution.history) {
        if (candidate.id == setting.id && candidate.origin.kind == SourceKind::defaults) return candidate.value;
    }
    return {};
}

bool is_changed(const Declaration& setting, const Resolution& resolution) {
    return !(resolution.shown_value(setting) == default_of(setting, resolution));
}

DumpedSetting dump_setting(const Declaration& setting, const Resolution& resolution, const Dumper& dumper) {
    const RawValue value = resolution.shown_value(setting);
    DumpedSetting dumped{.name = std::string(setting.name),
                         .value = dumper.dump(setting, value),
                         .default_value = dumper.dump(setting, default_of(setting, resolution)),
                         .changed = is_changed(setting, resolution),
                         .redacted = dumper.is_redacted(setting, value),
                         .origin = resolution.settings.origin(setting.id),
                         .history = {}};
    for (auto candidate = resolution.history.rbegin(); candidate != resolution.history.rend(); ++candidate) {
        if (candidate->id != setting.id) continue;
        const bool is_winner = candidate->accepted && std::none_of(dumped.history.begin(), dumped.history.end(),
                                                                   [](const DumpedCandidate& one) { return one.accepted; });
        dumped.redacted = dumped.redacted || (is_winner && dumper.is_redacted(setting, candidate->value));
        dumped.history.push_back({dumper.dump(setting, candidate->value), candidate->origin, candidate->accepted});
    }
    return dumped;
}

}  // namespace

bool is_selected(const Declaration& setting, const Resolution& resolution, const Selection& selection) {
    const auto& names = selection.names;
    if (!names.empty() && std::find(names.begin(), names.end(), setting.name) == names.end()) return false;
    return !selection.changed_only || is_changed(setting, resolution);
}

ConfigDump dump_config(const Resolution& resolution, const ObjectInspector* objects, const Selection& selection,
                       Secrets secrets) {
    ConfigDump dump{.server = "gunicorn " GN_VERSION, .settings = {}};
    const Dumper dumper(objects, secrets);
    for (const Declaration& setting : declarations()) {
        if (is_selected(setting, resolution, selection)) dump.settings.push_back(dump_setting(setting, resolution, dumper));
    }
    std::sort(dump.settings.begin(), dump.settings.end(),
              [](const DumpedSetting& a, const DumpedSetting& b) { return a.name < b.name; });
    return dump;
}

bool is_about_one_run(std::string_view setting) noexcept {
    static constexpr std::array<std::string_view, 3> kNames{"config", "print_config", "check_config"};
    return std::find(kNames.begin(), kNames.end(), setting) != kNames.end();
}

const std::string* object_name(const RawValue& value) noexcept {
    const auto* entries = value.get_if<Dict>();
    return entries != nullptr && entries->size() == 1 && entries->front().first == kObjectKey
               ? entries->front().second.get_if<std::string>()
               : nullptr;
}

bool holds_object(const RawValue& value) noexcept {
    if (object_name(value) != nullptr) return true;
    if (const List* items = value.get_if<List>()) return std::any_of(items->begin(), items->end(), holds_object);
    const Dict* entries = value.get_if<Dict>();
    return entries != nullptr &&
           std::any_of(entries->begin(), entries->end(), [](const auto& entry) { return holds_object(entry.second); });
}

std::string shown_origin(const Origin& origin) {
    std::string place = to_string(origin);
    if (origin.position > 0) place += ", argument " + std::to_string(origin.position);
    for (std::size_t i = 0; i < origin.variables.size(); ++i) place += (i == 0 ? " <- $" : ", $") + origin.variables[i];
    return text::printable(place);
}

}  // namespace gunicorn::config
