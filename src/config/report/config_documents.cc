#include "config/report/config_json.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/text.h"
#include "config/report/config_diff.h"
#include "config/report/origin_documents.h"

namespace gunicorn::config {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kFormatVersion = 1;
constexpr int kDeepest = 64;

std::string dumped(const Json& document) { return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

bool is_utf8(std::string_view s) {
    while (!s.empty()) {
        const std::size_t length = text::utf8_sequence(s);
        if (length == 0) return false;
        s.remove_prefix(length);
    }
    return true;
}

std::string hex(std::string_view bytes) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out;
    for (const char c : bytes) {
        out += kDigits[static_cast<unsigned char>(c) >> 4U];
        out += kDigits[static_cast<unsigned char>(c) & 15U];
    }
    return out;
}

std::optional<std::string> unhex(std::string_view digits) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    if (digits.size() % 2 != 0) return std::nullopt;
    std::string out;
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        const std::size_t high = kDigits.find(digits[i]);
        const std::size_t low = kDigits.find(digits[i + 1]);
        if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
        out += static_cast<char>(high << 4U | low);
    }
    return out;
}

// --- Values ---------------------------------------------------------------------------------------------------------------

Json value_json(const RawValue& value) {
    if (const auto* flag = value.get_if<bool>()) return *flag;
    if (const auto* number = value.get_if<std::int64_t>()) return *number;
    if (const auto* real = value.get_if<double>()) return std::isfinite(*real) ? Json(*real) : Json{{"$float", repr(value)}};
    if (const auto* words = value.get_if<std::string>())
        return is_utf8(*words) ? Json(*words) : Json{{"$bytes", hex(*words)}};
    if (const List* items = value.get_if<List>()) {
        Json out = Json::array();
        for (const RawValue& item : *items) out.push_back(value_json(item));
        return out;
    }
    if (const Dict* entries = value.get_if<Dict>()) {
        Json out = Json::object();
        for (const auto& [key, item] : *entries) out[key] = value_json(item);
        return out;
    }
    return nullptr;
}

/// One of the objects that stand for what JSON has not; nothing when its content is wrong.
std::optional<RawValue> special_value(const std::string& key, const Json& content) {
    if (!content.is_string()) return std::nullopt;
    auto words = content.get<std::string>();
    if (key == kObjectKey) return RawValue(Dict{{key, RawValue(std::move(words))}});
    if (key == "$bytes") {
        const auto bytes = unhex(words);
        return bytes ? std::optional<RawValue>(*bytes) : std::nullopt;
    }
    using Limits = std::numeric_limits<double>;
    if (key == "$float" && words == "nan") return RawValue(Limits::quiet_NaN());
    if (key == "$float" && words == "inf") return RawValue(Limits::infinity());
    if (key == "$float" && words == "-inf") return RawValue(-Limits::infinity());
    return std::nullopt;
}

std::optional<RawValue> value_of(const Json& document, int depth = 0) {
    if (depth > kDeepest) return std::nullopt;
    if (document.is_null()) return RawValue();
    if (document.is_boolean()) return RawValue(document.get<bool>());
    constexpr auto kLargest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (document.is_number_unsigned() && document.get<std::uint64_t>() > kLargest) {
        return RawValue(Dict{{std::string(kObjectKey), RawValue(document.dump())}});
    }
    if (document.is_number_integer()) return RawValue(document.get<std::int64_t>());
    if (document.is_number_float()) return RawValue(document.get<double>());
    if (document.is_string()) return RawValue(document.get<std::string>());
    if (document.is_array()) {
        List items;
        for (const Json& item : document) {
            const auto value = value_of(item, depth + 1);
            if (!value) return std::nullopt;
            items.push_back(*value);
        }
        return RawValue(std::move(items));
    }
    Dict entries;
    for (const auto& [key, item] : document.items()) {
        if (key.starts_with('$') && !key.starts_with("$$")) {
            return document.size() == 1 ? special_value(key, item) : std::nullopt;
        }
        const auto value = value_of(item, depth + 1);
        if (!value) return std::nullopt;
        entries.emplace_back(key, *value);
    }
    return RawValue(std::move(entries));
}

// --- Settings -------------------------------------------------------------------------------------------------------------

Json setting_json(const DumpedSetting& setting) {
    Json out{
        {"value", value_json(setting.value)}, {"default", value_json(setting.default_value)}, {"changed", setting.changed}};
    if (setting.redacted) out["redacted"] = true;
    out["origin"] = origin_json(setting.origin);
    out["history"] = Json::array();
    for (const DumpedCandidate& candidate : setting.history) {
        out["history"].push_back({{"value", value_json(candidate.value)},
                                  {"origin", origin_json(candidate.origin)},
                                  {"accepted", candidate.accepted}});
    }
    return out;
}

/// What is read stays as it is when the key is missing or of another type; then the answer is false.
bool take_flag(const Json& document, const char* key, bool& flag) {
    const auto found = document.find(key);
    if (found == document.end() || !found->is_boolean()) return false;
    flag = found->get<bool>();
    return true;
}
bool take_value(const Json& document, const char* key, RawValue& value) {
    const auto found = document.find(key);
    auto taken = found == document.end() ? std::nullopt : value_of(*found);
    if (taken) value = *std::move(taken);
    return taken.has_value();
}
bool take_origin(const Json& document, Origin& origin) {
    const auto found = document.find("origin");
    auto taken = found == document.end() ? std::nullopt : origin_of_json(*found);
    if (taken) origin = *std::move(taken);
    return taken.has_value();
}

/// Empty when everything is there, else the name of the field that is missing or wrong.
std::string_view take_setting(const Json& document, DumpedSetting& setting) {
    if (!document.is_object()) return "the entry";
    if (!take_value(document, "value", setting.value)) return "value";
    if (!take_value(document, "default", setting.default_value)) return "default";
    if (!take_flag(document, "changed", setting.changed)) return "changed";
    if (document.contains("redacted") && !take_flag(document, "redacted", setting.redacted)) return "redacted";
    if (!take_origin(document, setting.origin)) return "origin";
    const auto history = document.find("history");
    if (history == document.end() || !history->is_array()) return "history";
    for (const Json& entry : *history) {
        DumpedCandidate& candidate = setting.history.emplace_back();
        const bool is_good = entry.is_object() && take_value(entry, "value", candidate.value) &&
                             take_origin(entry, candidate.origin) && take_flag(entry, "accepted", candidate.accepted);
        if (!is_good) return "history";
    }
    return {};
}

Result<Json, std::string> parse(std::string_view text) {
    try {
        return Json::parse(text);
    } catch (const Json::parse_error& error) {
        const auto before = text.substr(0, std::min(error.byte, text.size()));
        return Unexpected{"line " + std::to_string(1 + std::count(before.begin(), before.end(), '\n')) +
                          ": this is not JSON"};
    } catch (const Json::out_of_range&) {
        return Unexpected{std::string("a number in it is too large")};
    }
}

Unexpected<std::string> no_dump(const std::string& reason) {
    return Unexpected{"this is no output of --print-config=json: " + text::printable(reason)};
}

Json side_json(const std::optional<DiffSide>& side) {
    if (!side) return nullptr;
    return {{"value", value_json(side->value)}, {"origin", origin_json(side->origin)}};
}

}  // namespace

std::string config_json(const ConfigDump& dump, const Selection& selection) {
    const bool is_all = selection.names.empty() && !selection.changed_only;
    Json settings = Json::object();
    for (const DumpedSetting& setting : dump.settings) settings[setting.name] = setting_json(setting);
    return dumped({{"format_version", kFormatVersion},
                   {"server", dump.server},
                   {"selection", is_all ? "all" : "some"},
                   {"settings", std::move(settings)}});
}

std::string changed_settings_json(const ConfigDump& dump) {
    Json settings = Json::array();
    for (const DumpedSetting& setting : dump.settings) {
        if (!setting.changed || is_about_one_run(setting.name)) continue;
        Json one{{"name", setting.name}, {"value", value_json(setting.value)}, {"origin", shown_origin(setting.origin)}};
        if (setting.redacted) one["redacted"] = true;
        settings.push_back(std::move(one));
    }
    return dumped(settings);
}

Result<ConfigDump, std::string> parse_config_json(std::string_view text) {
    GN_TRY(const Json document, parse(text));
    if (!document.is_object()) return no_dump("the document is no object");
    const auto version = document.find("format_version");
    if (version == document.end()) return no_dump("format_version is missing");
    if (version->is_structured()) return no_dump("format_version is no number");
    if (*version != kFormatVersion) {
        return no_dump("its format_version is " + version->dump(-1, ' ', true, Json::error_handler_t::replace) + ", not " +
                       std::to_string(kFormatVersion));
    }
    const auto selection = document.find("selection");
    if (selection == document.end() || *selection != "all") return no_dump("it has some of the settings only");
    const auto server = document.find("server");
    if (server == document.end() || !server->is_string()) return no_dump("server is missing or no text");
    const auto settings = document.find("settings");
    if (settings == document.end() || !settings->is_object()) return no_dump("settings is missing or no object");

    ConfigDump dump{.server = server->get<std::string>(), .settings = {}};
    for (const auto& [name, entry] : settings->items()) {
        DumpedSetting& setting = dump.settings.emplace_back();
        setting.name = name;
        const std::string_view wrong = take_setting(entry, setting);
        if (!wrong.empty()) return no_dump("settings." + name + ": " + std::string(wrong) + " is missing or wrong");
    }
    std::sort(dump.settings.begin(), dump.settings.end(),
              [](const DumpedSetting& a, const DumpedSetting& b) { return a.name < b.name; });
    return dump;
}

std::string diff_json(const ConfigDiff& diff) {
    Json differences = Json::array();
    for (const Difference& one : diff.differences) {
        differences.push_back({{"setting", one.setting}, {"left", side_json(one.left)}, {"right", side_json(one.right)}});
    }
    return dumped({{"format_version", kFormatVersion},
                   {"left", {{"name", diff.left_name}, {"server", diff.left_server}}},
                   {"right", {{"name", diff.right_name}, {"server", diff.right_server}}},
                   {"same", diff.is_same()},
                   {"differences", std::move(differences)},
                   {"not_compared", diff.not_compared}});
}

}  // namespace gunicorn::config
