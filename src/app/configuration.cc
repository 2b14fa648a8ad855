#include "python/config_file_source.h"

#include "app/configuration.h"

#include <utility>

#include "config/paste_source.h"
#include "config/setting_env_source.h"

namespace gunicorn::app {
namespace {

/// The text of a setting that decides about other sources, from the stronger of the two that can say it.
const config::Assignment* named_in_commands(const CommandSources& sources, std::string_view setting) {
    for (const config::CommandLine* given : {&sources.command_line, &sources.command_environment}) {
        for (const config::Assignment& assignment : given->assignments) {
            const auto* text = assignment.value.get_if<std::string>();
            if (assignment.setting == setting && text != nullptr && !text->empty()) return &assignment;
        }
    }
    return nullptr;
}

python::ConfigLocation config_location(const CommandSources& sources) {
    python::ConfigLocation location;
    if (const config::Assignment* named = named_in_commands(sources, "config")) {
        location.text = *named->value.get_if<std::string>();
        location.origin = named->origin;
    } else {
        location.text = "./gunicorn.conf.py";
        location.must_exist = false;
    }
    const config::Assignment* check = nullptr;
    for (const config::CommandLine* given : {&sources.command_line, &sources.command_environment}) {
        for (const config::Assignment& assignment : given->assignments) {
            if (assignment.setting == "check_config") check = &assignment;
        }
    }
    location.watch_side_effects = check != nullptr;
    return location;
}

void append(Diagnostics& all, Diagnostics&& more) {
    all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

Configuration load_configuration(const CommandSources& sources, const config::ValidationContext& context,
                                 python::ObjectTable& objects) {
    Configuration loaded;
    config::Layers layers;
    if (const config::Assignment* paste = named_in_commands(sources, "paste")) {
        config::PasteSource source(
            config::parse_paste_spec(*paste->value.get_if<std::string>(), context.working_directory));
        config::SourceReading reading = source.read();
        layers.paste = std::move(reading.assignments);
        append(loaded.diagnostics, std::move(reading.diagnostics));
    }
    python::ConfigFileSource file(config_location(sources), objects);
    config::SourceReading reading = file.read();
    loaded.exit_requested = file.exit_requested();
    loaded.traceback = file.traceback();
    layers.config_file = std::move(reading.assignments);
    append(loaded.diagnostics, std::move(reading.diagnostics));
    config::SourceReading variables = config::SettingEnvironmentSource(sources.environment).read();
    layers.setting_environment = std::move(variables.assignments);
    append(loaded.diagnostics, std::move(variables.diagnostics));
    layers.command_environment = sources.command_environment.assignments;
    layers.command_line = sources.command_line.assignments;

    config::Resolution resolution = config::resolve(layers, context);
    loaded.settings = std::move(resolution.settings);
    append(loaded.diagnostics, std::move(resolution.diagnostics));
    return loaded;
}

}  // namespace gunicorn::app
