#include "app/locations.h"

#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "base/sys.h"
#include "base/text.h"

namespace gunicorn::app {
namespace {

std::string absolute(const std::string& path) { return sys::absolute_path(path, sys::working_directory()); }

std::string find_launcher(const std::string& program, const std::string& executable) {
    if (program.find('/') != std::string::npos) return absolute(program);
    const char* path = std::getenv("PATH");
    for (const std::string_view folder : text::split(path == nullptr ? std::string_view() : std::string_view(path), ':')) {
        if (folder.empty() || program.empty()) continue;
        const std::string candidate = std::string(folder) + "/" + program;
        // argv[0] is what a caller says; another program may have that name.
        std::error_code error;
        if (std::filesystem::equivalent(candidate, "/proc/self/exe", error)) return absolute(candidate);
    }
    return executable;
}

}  // namespace

Locations find_locations(const std::string& program) {
    std::error_code error;
    const std::filesystem::path executable = std::filesystem::read_symlink("/proc/self/exe", error);
    const std::filesystem::path folder = executable.parent_path();
    Locations found;
    found.launcher = find_launcher(program, executable.string());
    for (const std::filesystem::path& candidate : {folder / "python", folder.parent_path() / "lib" / "gunicorn"}) {
        if (std::filesystem::exists(candidate / "gunicorn" / "__init__.py", error))
            found.package_folder = candidate.string();
        if (!found.package_folder.empty()) break;
    }
    return found;
}

}  // namespace gunicorn::app
