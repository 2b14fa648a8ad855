#include "base/origin.h"

namespace gunicorn {

Span pointed_at(const Origin& origin) noexcept {
    if (origin.value.line > 0) return origin.value;
    return {origin.line, origin.column, origin.end_column};
}

std::string source_name(const Origin& origin) {
    switch (origin.kind) {
        case SourceKind::defaults: return "default";
        case SourceKind::command_line: return "command line";
        default: return origin.name;
    }
}

std::string to_string(const Origin& origin) {
    switch (origin.kind) {
        case SourceKind::defaults: return "default";
        case SourceKind::default_environment:
        case SourceKind::setting_environment: return "environment variable " + origin.name;
        case SourceKind::command_environment: return "GUNICORN_CMD_ARGS";
        case SourceKind::command_line: return "command line";
        case SourceKind::paste:
        case SourceKind::config_file:
        case SourceKind::runtime:
        case SourceKind::environment_file:
        case SourceKind::application: break;
    }
    const Span place = pointed_at(origin);
    std::string text = origin.name;
    if (place.line > 0) text += ":" + std::to_string(place.line);
    if (place.line > 0 && place.column > 0) text += ":" + std::to_string(place.column);
    return text;
}

}  // namespace gunicorn
