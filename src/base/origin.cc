#include "base/origin.h"

namespace gunicorn {
namespace {

std::string with_line(const Origin& origin) {
    std::string text = origin.name;
    if (origin.line > 0) text += ":" + std::to_string(origin.line);
    if (origin.line > 0 && origin.column > 0) text += ":" + std::to_string(origin.column);
    return text;
}

}  // namespace

std::string to_string(const Origin& origin) {
    switch (origin.kind) {
        case SourceKind::defaults: return "default";
        case SourceKind::default_environment:
        case SourceKind::setting_environment: return "environment variable " + origin.name;
        case SourceKind::command_environment: return "GUNICORN_CMD_ARGS";
        case SourceKind::command_line: return "command line";
        case SourceKind::paste:
        case SourceKind::config_file:
        case SourceKind::runtime: return with_line(origin);
    }
    return {};
}

}  // namespace gunicorn
