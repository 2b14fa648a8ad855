#include "app/configuration.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/sys.h"
#include "config/cross_checks.h"
#include "config/paste_source.h"
#include "config/setting_env_source.h"
#include "python/config_file_source.h"

namespace gunicorn::app {
namespace {

void append(Diagnostics& all, Diagnostics&& more) {
    all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

/// The check of a file judges its hooks by the classes that it names itself. Where another layer names them, or the worker
/// class is none of ours, the objects of hooks may have more than it knows.
void soften_hook_findings(Diagnostics& diagnostics, const config::Settings& settings) {
    const SourceKind logger = settings.origin(config::SettingId::logger_class).kind;
    const bool is_known_logger = logger == SourceKind::defaults || logger == SourceKind::config_file;
    if (is_known_logger && !config::effective_worker_class_name(settings).empty()) return;
    for (Diagnostic& one : diagnostics) {
        if (one.id == DiagId::unknown_attribute || one.id == DiagId::missing_attribute) one.severity = Severity::warning;
    }
}

constexpr const char* kDefaultConfigFile = "./gunicorn.conf.py";

/// The *.py files of a folder, in lexical order.
std::vector<std::string> files_in(const std::string& folder) {
    std::vector<std::string> files;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
        if (entry.path().extension() == ".py") files.push_back(entry.path().string());
    }
    std::sort(files.begin(), files.end());
    return files;
}

class Loader {
public:
    Loader(const CommandSources& sources, const config::ValidationContext& context, python::ObjectTable& objects)
        : sources_(sources), context_(context), objects_(objects) {
        loaded_.texts = sources.texts;
        found_ = sources.diagnostics;
    }

    Configuration run() {
        read_paste();
        read_config_files();
        config::SourceReading variables = config::SettingEnvironmentSource(sources_.environment).read();
        layers_.setting_environment = take(std::move(variables));
        layers_.command_environment = sources_.command_environment.assignments;
        layers_.command_line = sources_.command_line.assignments;

        report_late_settings();
        loaded_.resolution = config::resolve(layers_, context_);
        soften_hook_findings(found_, loaded_.resolution.settings);
        append(found_, std::move(loaded_.resolution.diagnostics));
        loaded_.resolution.diagnostics = std::move(found_);
        return std::move(loaded_);
    }

private:
    config::Layer take(config::SourceReading&& reading) {
        append(found_, std::move(reading.diagnostics));
        return std::move(reading.assignments);
    }

    /// config and paste decide which files are read, before any file is.
    void report_late_settings() {
        for (const config::Layer* layer : {&layers_.paste, &layers_.config_file, &layers_.setting_environment}) {
            for (const config::Assignment& one : *layer) {
                if (one.value.is_none() || (one.setting != "config" && one.setting != "paste")) continue;
                const bool is_config = one.setting == "config";
                found_.push_back(
                    {DiagId::late_setting, one.setting, one.origin,
                     is_config ? "is read too late here: that file is not loaded"
                               : "is read too late here: settings of that file do not count, only its application does",
                     Severity::warning,
                     is_config ? "name it on the command line or in GUNICORN_CMD_ARGS, or use include()"
                               : "name it on the command line or in GUNICORN_CMD_ARGS"});
            }
        }
    }

    /// The text of a setting that decides about other sources, from the stronger of the two that can say it.
    const config::Assignment* named_in_commands(std::string_view setting) const {
        for (const config::CommandLine* given : {&sources_.command_line, &sources_.command_environment}) {
            for (const config::Assignment& assignment : given->assignments) {
                const auto* text = assignment.value.get_if<std::string>();
                if (assignment.setting == setting && text != nullptr && !text->empty()) return &assignment;
            }
        }
        return nullptr;
    }

    void read_paste() {
        const config::Assignment* paste = named_in_commands("paste");
        if (paste == nullptr) return;
        const auto spec = config::parse_paste_spec(*paste->value.get_if<std::string>(), context_.working_directory);
        if (auto text = sys::read_file(spec.path)) loaded_.texts.add(spec.written, *std::move(text));
        layers_.paste = take(config::PasteSource(spec).read());
    }

    /// Files of the command line, else those of the variable, else ./gunicorn.conf.py where it is.
    void read_config_files() {
        for (const config::CommandLine* given : {&sources_.command_line, &sources_.command_environment}) {
            bool was_named = false;
            for (const config::Assignment& file : given->config_files) {
                const auto* text = file.value.get_if<std::string>();
                if (text == nullptr || text->empty()) continue;
                was_named = true;
                read_named(*text, file.origin);
            }
            if (was_named) return;
        }
        read_config({.text = kDefaultConfigFile, .must_exist = false, .origin = {}});
    }

    void read_named(const std::string& text, const Origin& origin) {
        if (text.starts_with("python:") || !sys::is_directory(text)) return read_config({text, true, origin});
        const std::vector<std::string> files = files_in(text);
        if (files.empty())
            found_.push_back({DiagId::no_config_file, "config", origin, "there is no *.py in the directory '" + text + "'"});
        for (const std::string& file : files) read_config({file, true, origin, files.size() == 1});
    }

    void read_config(python::ConfigLocation location) {
        if (loaded_.exit_requested) return;
        location.watch_side_effects = sources_.asks_for("check_config");
        const std::size_t named =
            std::max(sources_.command_line.config_files.size(), sources_.command_environment.config_files.size());
        location.is_alone = location.is_alone && named <= 1;
        python::ConfigFileSource file(std::move(location), objects_);
        config::Layer layer = take(file.read());
        for (config::Assignment& assignment : layer) layers_.config_file.push_back(std::move(assignment));
        for (const auto& [name, text] : file.texts()) loaded_.texts.add(name, text);
        if (!file.traceback().empty()) loaded_.traceback = file.traceback();
        loaded_.exit_requested = file.exit_requested();
    }

    const CommandSources& sources_;
    const config::ValidationContext& context_;
    python::ObjectTable& objects_;
    config::Layers layers_;
    Diagnostics found_;
    Configuration loaded_;
};

}  // namespace

bool CommandSources::asks_for(std::string_view setting) const {
    const auto is_it = [&](const config::Assignment& one) { return one.setting == setting; };
    return std::ranges::any_of(command_line.assignments, is_it) ||
           std::ranges::any_of(command_environment.assignments, is_it);
}

bool has_config_file(const CommandSources& sources) {
    return !sources.command_line.config_files.empty() || !sources.command_environment.config_files.empty() ||
           sys::is_file(kDefaultConfigFile);
}

Configuration load_configuration(const CommandSources& sources, const config::ValidationContext& context,
                                 python::ObjectTable& objects) {
    return Loader(sources, context, objects).run();
}

}  // namespace gunicorn::app
