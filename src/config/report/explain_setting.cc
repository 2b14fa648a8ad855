#include "config/report/explain_setting.h"

#include <algorithm>
#include <vector>

#include "base/diagnostic.h"
#include "base/text.h"
#include "config/known_names.h"
#include "config/refusal.h"
#include "config/report/config_dump.h"
#include "config/report/python_literal.h"
#include "config/report/shown_config.h"
#include "config/setting_env_source.h"

namespace gunicorn::config {
namespace {

constexpr std::size_t kFactWidth = 14;

std::string fact(std::string_view name, std::string_view text) {
    std::string label(name);
    label.resize(kFactWidth, ' ');
    return "  " + label + std::string(text) + "\n";
}

/// The names that a setting has in the sources without options. Hooks are functions there, or dotted paths.
std::string names_in_sources(const Declaration& setting) {
    const std::string name(setting.name);
    return fact("Config file", name) + fact("Paste file", name + ", in [server:main]") +
           fact("Environment", std::string(kSettingVariablePrefix) + text::to_upper(name));
}

std::string example_of(const Declaration& setting) {
    if (setting.example.empty()) return {};
    std::string out = "\nExample:\n";
    for (const std::string_view line : text::split(setting.example, '\n')) out += "\n    " + std::string(line);
    return out + "\n";
}

std::string where_set(const Declaration& setting, const Resolution& resolution, const ObjectInspector* objects,
                      Secrets secrets) {
    const ConfigDump dump = dump_config(resolution, objects, {.names = {std::string(setting.name)}}, secrets);
    const DumpedSetting& now = dump.settings.front();
    return "\nNow " + python_literal(now.value) + ", from " + shown_origin(now.origin) + "\n" +
           losers(now, "  ", ReplacedDefaults::listed);
}

const Declaration* setting_meant(std::string_view written) {
    const std::size_t start = std::min(written.find_first_not_of('-'), written.size());
    const std::string_view name = text::trim(written.substr(start));
    if (const Declaration* exact = find_setting(name)) return exact;
    return meant_setting(name);
}

std::string with_help(std::string sentence, const std::string& help) {
    return text::printable(help.empty() ? sentence : sentence + "; " + help);
}

}  // namespace

Result<std::string, std::string> explain_setting(std::string_view written, const Resolution* resolution,
                                                 const ObjectInspector* objects, Secrets secrets) {
    const Declaration* setting = setting_meant(written);
    if (setting == nullptr) {
        const Explanation unknown = explain_unknown(written, Where::elsewhere);
        return Unexpected{with_help(excerpt(std::string(written)) + " " + unknown.message, unknown.help)};
    }
    std::string page = std::string(setting->name) + " (" + std::string(setting->section) + ")\n\n";
    page += std::string(text::trim(setting->description)) + "\n\n";
    for (const Fact& one : setting->facts) page += fact(one.name, one.text);
    page += names_in_sources(*setting) + example_of(*setting);
    if (resolution != nullptr) page += where_set(*setting, *resolution, objects, secrets);
    return page;
}

Result<std::string, std::string> explain_code(std::string_view written) {
    const std::string_view wanted = text::trim(written);
    if (const DiagKind* kind = find_diag_kind(wanted)) {
        return std::string(kind->code) + " " + std::string(kind->name) + " (" + std::string(name_of(kind->severity)) +
               "): " + std::string(kind->title) + "\n\n" + std::string(text::trim(kind->description)) + "\n";
    }
    std::vector<std::string_view> known;
    for (const DiagKind& kind : diag_kinds()) {
        known.push_back(kind.code);
        known.push_back(kind.name);
    }
    return Unexpected{with_help(excerpt(std::string(wanted)) + " is no code of a finding", suggestion(wanted, known))};
}

}  // namespace gunicorn::config
