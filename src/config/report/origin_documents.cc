#include "config/report/origin_documents.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

namespace gunicorn::config {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::pair<SourceKind, std::string_view>, 10> kKindNames{{
    {SourceKind::defaults, "default"},
    {SourceKind::default_environment, "default_environment"},
    {SourceKind::paste, "paste"},
    {SourceKind::config_file, "config_file"},
    {SourceKind::setting_environment, "setting_environment"},
    {SourceKind::command_environment, "command_environment"},
    {SourceKind::command_line, "command_line"},
    {SourceKind::runtime, "runtime"},
    {SourceKind::environment_file, "environment_file"},
    {SourceKind::application, "application"},
}};

std::string_view kind_name(SourceKind kind) {
    const auto* found =
        std::find_if(kKindNames.begin(), kKindNames.end(), [&](const auto& entry) { return entry.first == kind; });
    return found == kKindNames.end() ? std::string_view() : found->second;
}

/// Takes the number of that key when there is one; false when something else stands there.
bool take_number(const Json& document, const char* key, int& number) {
    const auto found = document.find(key);
    if (found == document.end()) return true;
    if (!found->is_number_unsigned()) return false;
    const auto given = found->get<std::uint64_t>();
    if (given > static_cast<std::uint64_t>(std::numeric_limits<int>::max())) return false;
    number = static_cast<int>(given);
    return true;
}

bool take_variables(const Json& document, std::vector<std::string>& variables) {
    const auto found = document.find("variables");
    if (found == document.end()) return true;
    if (!found->is_array()) return false;
    for (const Json& variable : *found) {
        if (!variable.is_string()) return false;
        variables.push_back(variable.get<std::string>());
    }
    return true;
}

}  // namespace

Json origin_json(const Origin& origin) {
    Json out{{"kind", kind_name(origin.kind)}};
    if (!origin.name.empty()) out["name"] = origin.name;
    const Span place = pointed_at(origin);
    if (place.line > 0) out["line"] = place.line;
    if (place.column > 0) out["column"] = place.column;
    if (place.end_column > 0) out["end_column"] = place.end_column;
    if (origin.position > 0) out["argument"] = origin.position;
    if (!origin.variables.empty()) out["variables"] = origin.variables;
    return out;
}

std::optional<Origin> origin_of_json(const Json& document) {
    if (!document.is_object()) return std::nullopt;
    const auto kind = document.find("kind");
    if (kind == document.end() || !kind->is_string()) return std::nullopt;
    const auto wanted = kind->get<std::string>();
    const auto* found =
        std::find_if(kKindNames.begin(), kKindNames.end(), [&](const auto& entry) { return entry.second == wanted; });
    if (found == kKindNames.end()) return std::nullopt;

    Origin origin{.kind = found->first};
    if (const auto name = document.find("name"); name != document.end()) {
        if (!name->is_string()) return std::nullopt;
        origin.name = name->get<std::string>();
    }
    const bool is_good = take_number(document, "line", origin.line) && take_number(document, "column", origin.column) &&
                         take_number(document, "end_column", origin.end_column) &&
                         take_number(document, "argument", origin.position) && take_variables(document, origin.variables);
    return is_good ? std::optional(std::move(origin)) : std::nullopt;
}

}  // namespace gunicorn::config
