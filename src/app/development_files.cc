#include "app/development_files.h"

#include <filesystem>
#include <set>

namespace gunicorn::app {

server::DevelopmentFiles development_files(const config::Settings& settings, const std::string& working_directory) {
    const auto absolute = [&](const std::string& path) {
        return (std::filesystem::path(working_directory) / path).lexically_normal().string();
    };
    std::set<std::string> configuration;
    for (const Origin& origin : settings.origins) {
        const bool is_file = origin.kind == SourceKind::config_file || origin.kind == SourceKind::paste;
        // A module is watched as such: it is among those that are loaded.
        if (is_file && !origin.name.starts_with("python:")) configuration.insert(absolute(origin.name));
    }
    server::DevelopmentFiles files{.configuration = {configuration.begin(), configuration.end()}, .extra = {}};
    for (const std::string& path : settings.reload_extra_files) files.extra.push_back(absolute(path));
    return files;
}

}  // namespace gunicorn::app
