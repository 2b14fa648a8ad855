#include "app/process_state.h"

#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "base/sys.h"
#include "base/text.h"
#include "python/process_setup.h"

namespace gunicorn::app {
namespace {

std::vector<std::string> folders_of(const config::Settings& settings) {
    std::vector<std::string> folders{settings.chdir};
    const std::string pythonpath = settings.pythonpath.value_or("");
    for (const std::string_view part : text::split(pythonpath, ',')) {
        const std::string folder(text::trim(part));
        if (folder.empty()) continue;
        folders.push_back(sys::absolute_path(folder, settings.chdir));
    }
    return folders;
}

Result<void> change_directory(const std::string& folder) {
    if (::chdir(folder.c_str()) != 0) return Unexpected{sys::system_error("can't chdir to '" + folder + "'")};
    return {};
}

}  // namespace

ProcessState::ProcessState() : directory_(sys::working_directory()) {}

Result<void> ProcessState::extend_path(const config::Settings& settings) {
    for (const std::string& folder : folders_of(settings)) {
        GN_TRY(const bool is_new, python::prepend_to_path(folder));
        if (is_new) folders_.push_back(folder);
    }
    return {};
}

Result<void> ProcessState::enter(const config::Settings& settings, const Variables& file_variables) {
    const auto set = [this](const std::string& name, const std::string& value) {
        const char* before = std::getenv(name.c_str());
        variables_.emplace(name, before == nullptr ? std::nullopt : std::optional<std::string>(before));
        return python::set_environment(name, value);
    };
    GN_CHECK(change_directory(settings.chdir));
    GN_CHECK(extend_path(settings));
    for (const auto& [name, value] : file_variables) GN_CHECK(set(name, value));
    for (const std::string& entry : settings.raw_env) {
        const auto equals = entry.find('=');
        GN_CHECK(set(entry.substr(0, equals), entry.substr(equals + 1)));
    }
    return {};
}

void ProcessState::adopt_variables(const std::vector<std::string>& names) {
    for (const std::string& name : names) variables_.emplace(name, std::nullopt);
}

Result<void> ProcessState::leave() {
    for (const auto& [name, value] : std::exchange(variables_, {})) {
        GN_CHECK(value ? python::set_environment(name, *value) : python::unset_environment(name));
    }
    for (const std::string& folder : std::exchange(folders_, {})) GN_CHECK(python::remove_from_path(folder));
    return change_directory(directory_);
}

}  // namespace gunicorn::app
