#include "config/report/shown_source.h"

#include <algorithm>

#include "config/registry.h"
#include "config/report/secret_lines.h"

namespace gunicorn::config {
namespace {

/// Texts of command lines were made without their secrets (cli_source.h).
bool is_command(SourceKind kind) { return kind == SourceKind::command_line || kind == SourceKind::command_environment; }

bool is_python(SourceKind kind) {
    return kind == SourceKind::config_file || kind == SourceKind::runtime || kind == SourceKind::application;
}

/// "raw_env = [redacted]" of a line that binds the setting, with whatever stands before it; `[redacted]` of any other, which
/// may be one of several that a value has.
std::string before_value(std::string_view line, std::string_view name, std::string_view signs) {
    const std::size_t start = line.find(name);
    if (start == std::string_view::npos) return std::string(kRedacted);
    const std::size_t behind = start + name.size();
    const std::size_t sign = line.find_first_of(signs, behind);
    if (sign >= std::min(line.find_first_of("'\"", behind), line.size())) return std::string(kRedacted);
    return redact_text(line.substr(0, start)) + std::string(line.substr(start, sign + 1 - start)) + " " +
           std::string(kRedacted);
}

}  // namespace

std::string shown_source(const Diagnostic& finding, const SourceTexts& texts, Secrets secrets) {
    const Origin& origin = finding.origin;
    if (origin.kind == SourceKind::environment_file) return {};
    const std::string_view line = texts.line(source_name(origin), pointed_at(origin).line);
    if (line.empty() || secrets == Secrets::shown) return std::string(line);
    const Declaration* setting = find_setting(finding.setting);
    if (setting != nullptr && setting->secret && !is_command(origin.kind)) {
        return before_value(line, setting->name, origin.kind == SourceKind::paste ? "=:" : "=");
    }
    const std::string source = source_name(origin);
    if (is_python(origin.kind)) return redact_python_line(texts.text(source), texts.secrets(source), line);
    return redact_text(line);
}

}  // namespace gunicorn::config
