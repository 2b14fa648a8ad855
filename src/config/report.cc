#include "config/report.h"

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace gunicorn::config {
namespace {

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
std::string shown(const Declaration& setting, const Settings& settings, const ObjectInspector* objects) {
    const RawValue value = setting.get(settings);
    const bool is_default = settings.origin(setting.id).kind == SourceKind::defaults;
    if (setting.type == ValueType::hook && value.is_none()) return "<" + default_hook_name(setting.name) + "()>";
    if (setting.secret && !is_default && !value.is_none()) return "[redacted]";
    if (const auto* words = value.get_if<std::string>()) return *words;
    const auto* object = value.get_if<ObjectHandle>();
    if (object != nullptr && objects != nullptr && objects->is_callable(*object)) {
        return "<" + objects->qualified_name(*object) + "()>";
    }
    return repr(value, objects);
}

}  // namespace

std::string print_config(const Settings& settings, const ObjectInspector* objects) {
    std::vector<const Declaration*> rows;
    std::size_t widest = 0;
    for (const Declaration& setting : declarations()) {
        rows.push_back(&setting);
        widest = std::max(widest, setting.name.size());
    }
    std::sort(rows.begin(), rows.end(), [](const auto* a, const auto* b) { return a->name < b->name; });
    std::string out;
    for (const Declaration* setting : rows) {
        std::string name(setting->name);
        name.resize(widest, ' ');
        out += name + " = " + shown(*setting, settings, objects) + "\n";
    }
    return out;
}

}  // namespace gunicorn::config
