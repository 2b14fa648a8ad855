#include "config/report/config_ini.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"
#include "config/report/config_python.h"
#include "config/report/python_literal.h"

namespace gunicorn::config {
namespace {

/// The text that PasteSource has to hand over to the validator; nothing when no text becomes this value.
std::optional<std::string> text_of(const Declaration& setting, const RawValue& written) {
    if (const auto* words = written.get_if<std::string>()) return *words;
    if (setting.type == ValueType::any) return std::nullopt;
    if (written.get_if<bool>() != nullptr || written.get_if<std::int64_t>() != nullptr) return repr(written);
    const List* items = written.get_if<List>();
    if (items == nullptr) return std::nullopt;

    // bind is the one list that PasteSource divides; other texts are one item (validators::text_list).
    if (items->size() > 1 && setting.id != SettingId::bind) return std::nullopt;
    std::string text;
    for (const RawValue& item : *items) {
        const auto* words = item.get_if<std::string>();
        if (words == nullptr || words->empty()) return std::nullopt;
        if (setting.id == SettingId::bind && words->find(',') != std::string::npos) return std::nullopt;
        text += (text.empty() ? "" : ",") + *words;
    }
    return text;
}

/// Each line must come back as it is: none is trimmed, dropped as empty, or taken for a comment.
bool survives(std::string_view text) {
    if (text.empty()) return true;
    if (text.find('\0') != std::string_view::npos || text.find('\r') != std::string_view::npos) return false;
    const auto lines = text::split(text, '\n');
    const auto is_kept = [](std::string_view line) { return !line.empty() && text::trim(line) == line; };
    const auto is_comment = [](std::string_view line) { return line.starts_with('#') || line.starts_with(';'); };
    return std::all_of(lines.begin(), lines.end(), is_kept) && std::none_of(lines.begin() + 1, lines.end(), is_comment);
}

/// Percent signs doubled, further lines indented.
std::string ini_text(std::string_view text) {
    std::string out;
    for (const char c : text) {
        out += c;
        if (c == '%') out += '%';
        if (c == '\n') out += "    ";
    }
    return out;
}

std::string line_of(const DumpedSetting& setting) {
    const auto comment = [&](const std::string& reason) { return "# " + setting.name + " " + reason + "\n"; };
    if (const std::string reason = why_not_carried(setting); !reason.empty()) return comment(reason);

    const Declaration& declaration = *find_setting(setting.name);
    const RawValue written = as_written(declaration, *writable_value(setting));
    const std::optional<std::string> text = text_of(declaration, written);
    if (text && survives(*text)) return setting.name + " = " + ini_text(*text) + "\n";
    const std::string value = python_literal(written);
    return comment(setting.changed ? "cannot be written in INI: " + value : "is at its default, " + value);
}

}  // namespace

std::string config_as_ini(const ConfigDump& dump) {
    std::string out = "# Made by " + dump.server + " with --print-config=ini.\n[server:main]\nuse = egg:gunicorn#main\n";
    for (const DumpedSetting& setting : dump.settings) out += line_of(setting);
    return out;
}

}  // namespace gunicorn::config
