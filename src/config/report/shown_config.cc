#include "config/report/shown_config.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "config/report/config_ini.h"
#include "config/report/config_json.h"
#include "config/report/config_python.h"
#include "config/report/python_literal.h"

namespace gunicorn::config {
namespace {

constexpr std::size_t kValueWidth = 40;  // of the table; longer values push the origin to the right

/// The name of Gunicorn's own function behind a hook that nobody set: OnStarting.on_starting.
std::string default_hook_name(std::string_view hook) {
    if (hook == "pre_fork" || hook == "post_fork") {
        std::string name(hook);
        name.erase(name.find('_'), 1);
        name[0] = text::upper(name[0]);
        return name + "." + std::string(hook);
    }
    if (hook == "nworkers_changed") return "NumWorkersChanged.nworkers_changed";
    if (hook == "ssl_context") return "NewSSLContext.ssl_context";
    std::string name;
    for (const std::string_view word : text::split(hook, '_')) {
        name += text::upper(word.front());
        name += word.substr(1);
    }
    return name + "." + std::string(hook);
}

/// What Config.__str__ shows of one value.
std::string gunicorn_text(const Declaration& setting, const Resolution& resolution, const ObjectInspector* objects,
                          Secrets secrets) {
    const RawValue stored = resolution.shown_value(setting);
    if (setting.type == ValueType::hook && stored.is_none()) return "<" + default_hook_name(setting.name) + "()>";
    const RawValue value = secrets == Secrets::hidden ? redact(setting, stored) : stored;
    if (const auto* words = value.get_if<std::string>()) return *words;
    const auto* object = value.get_if<ObjectHandle>();
    const bool is_callable = object != nullptr && objects != nullptr && objects->is_callable(*object);
    const std::string text = is_callable ? "<" + objects->qualified_name(*object) + "()>" : repr(value, objects);
    return secrets == Secrets::hidden ? redact_text(text) : text;
}

/// A paste file that does not say default_proc_name says its own path instead.
ConfigDump dump_for_ini(const Resolution& resolution, const ObjectInspector* objects, const Selection& selection,
                        Secrets secrets) {
    ConfigDump dump = dump_config(resolution, objects, selection, secrets);
    const Declaration& name = declaration(SettingId::default_proc_name);
    if (selection.names.empty() && !is_selected(name, resolution, selection)) {
        const ConfigDump also = dump_config(resolution, objects, {.names = {std::string(name.name)}}, secrets);
        dump.settings.insert(dump.settings.begin(), also.settings.begin(), also.settings.end());
    }
    return dump;
}

template <class Rows>
std::size_t widest_name(const Rows& rows) {
    std::size_t widest = 0;
    for (const auto& row : rows) widest = std::max(widest, row.name.size());
    return widest;
}

std::string padded(std::string text, std::size_t width) {
    const auto length = static_cast<std::size_t>(text::length(text));
    return length < width ? text + std::string(width - length, ' ') : text;
}

}  // namespace

std::string show_config(const Resolution& resolution, const ObjectInspector* objects, ShownForm form,
                        const Selection& selection, Secrets secrets) {
    const auto dump = [&] { return dump_config(resolution, objects, selection, secrets); };
    switch (form) {
        case ShownForm::gunicorn: break;
        case ShownForm::table: return config_table(dump());
        case ShownForm::json: return config_json(dump(), selection);
        case ShownForm::python: return config_as_python(dump());
        case ShownForm::ini: return config_as_ini(dump_for_ini(resolution, objects, selection, secrets));
    }
    return print_config(resolution, objects, selection, secrets);
}

std::string print_config(const Resolution& resolution, const ObjectInspector* objects, const Selection& selection,
                         Secrets secrets) {
    std::vector<Declaration> rows;
    for (const Declaration& setting : declarations()) {
        if (is_selected(setting, resolution, selection)) rows.push_back(setting);
    }
    std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    const std::size_t widest = widest_name(rows);
    std::string out;
    for (const Declaration& setting : rows) {
        out += padded(std::string(setting.name), widest) + " = ";
        out += gunicorn_text(setting, resolution, objects, secrets) + "\n";
    }
    return out;
}

std::string config_table(const ConfigDump& dump) {
    const std::size_t width = widest_name(dump.settings) + 2;
    std::string out;
    for (const DumpedSetting& setting : dump.settings) {
        out += padded(setting.name, width) + padded(python_literal(setting.value), kValueWidth) + "  ";
        out +=
            shown_origin(setting.origin) + "\n" + losers(setting, std::string(width + 2, ' '), ReplacedDefaults::left_out);
    }
    return out;
}

std::string losers(const DumpedSetting& setting, const std::string& indent, ReplacedDefaults defaults) {
    std::string out;
    bool has_winner = false;
    for (const DumpedCandidate& candidate : setting.history) {
        const bool is_winner = candidate.accepted && !has_winner;
        has_winner = has_winner || is_winner;
        const bool is_default = candidate.origin.kind == SourceKind::defaults;
        if (is_winner || (is_default && defaults == ReplacedDefaults::left_out)) continue;
        out += indent + (candidate.accepted ? "replaces " : "refused ") + shown_origin(candidate.origin) + ": ";
        out += python_literal(candidate.value) + "\n";
    }
    return out;
}

}  // namespace gunicorn::config
