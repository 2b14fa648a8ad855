#include "config/report/config_python.h"

#include "base/text.h"
#include "config/report/python_literal.h"

namespace gunicorn::config {

const RawValue* writable_value(const DumpedSetting& setting) {
    if (!holds_object(setting.value)) return &setting.value;
    for (const DumpedCandidate& candidate : setting.history) {
        if (candidate.accepted) return holds_object(candidate.value) ? nullptr : &candidate.value;
    }
    return nullptr;
}

RawValue as_written(const Declaration& setting, const RawValue& value) {
    const List* items = value.get_if<List>();
    if (items == nullptr || !divides_text(setting)) return value;
    std::string text;
    for (const RawValue& item : *items) {
        const auto* words = item.get_if<std::string>();
        if (words == nullptr) return value;
        text += (text.empty() ? "" : ",") + *words;
    }
    return text;
}

std::string why_not_carried(const DumpedSetting& setting) {
    const Declaration* declaration = find_setting(setting.name);
    if (declaration == nullptr) return "is no setting of this version";
    if (is_about_one_run(setting.name)) return "is about one run of the command";
    if (setting.redacted) return "is redacted; --show-secrets writes it";
    if (writable_value(setting) == nullptr)
        return "is a Python object and cannot be written: " + python_literal(setting.value);
    if (declaration->type == ValueType::hook && setting.value.is_none()) return "is not set";
    return {};
}

std::string config_as_python(const ConfigDump& dump) {
    std::string out = "# Made by " + dump.server + " with --print-config=python.\n";
    for (const DumpedSetting& setting : dump.settings) {
        if (const std::string reason = why_not_carried(setting); !reason.empty()) {
            out += "# " + setting.name + " " + reason + "\n";
        } else {
            const RawValue written = as_written(*find_setting(setting.name), *writable_value(setting));
            out += setting.name + " = " + python_literal(written) + "\n";
        }
    }
    return out;
}

}  // namespace gunicorn::config
