#include "server/preflight/startup_paths.h"

#include <optional>

#include <fmt/format.h>

#include "base/sys.h"
#include "base/text.h"
#include "server/arbiter/bound_listeners.h"
#include "server/arbiter/pidfile.h"
#include "server/net/address.h"
#include "server/preflight/paths.h"

namespace gunicorn::server::preflight {
namespace {

using config::SettingId;

void check_log(const std::optional<std::string>& written, SettingId setting, const std::string& directory,
               const Identity& master, Findings& findings) {
    if (!written || *written == "-") return;
    const auto obstacle = obstacle_to(Wish::append_to_file, sys::absolute_path(*written, directory), master);
    if (!obstacle) return;
    findings.report(DiagId::log_not_writable, setting,
                    fmt::format("{} cannot be written: {}", text::repr(*written), obstacle->text), obstacle->help);
}

}  // namespace

void check_log_files(const config::Settings& settings, const Identity& master, Findings& findings) {
    check_log(settings.errorlog, SettingId::errorlog, settings.chdir, master, findings);
    check_log(settings.accesslog, SettingId::accesslog, settings.chdir, master, findings);
}

/// The file that is used: what a stronger setting replaces is never opened.
void check_log_configs(const config::Settings& settings, const Identity& master, Findings& findings) {
    if (settings.logconfig_dict != config::RawValue(config::Dict{})) return;
    const bool is_json = settings.logconfig_json && !settings.logconfig_json->empty();
    const auto& written = is_json ? settings.logconfig_json : settings.logconfig;
    if (!written || written->empty()) return;
    const auto obstacle = obstacle_to(Wish::read_file, sys::absolute_path(*written, settings.chdir), master);
    if (!obstacle) return;
    findings.report(obstacle->id, is_json ? SettingId::logconfig_json : SettingId::logconfig,
                    fmt::format("{} cannot be read: {}", text::repr(*written), obstacle->text), obstacle->help);
}

void check_pidfile_place(const config::Settings& settings, const Identity& master, Findings& findings) {
    if (!has_pidfile(settings)) return;
    const auto obstacle = obstacle_to(Wish::make_file, sys::absolute_path(*settings.pidfile, settings.chdir), master);
    if (!obstacle) return;
    findings.report(obstacle->id, SettingId::pidfile,
                    fmt::format("{} cannot be made: {}", text::repr(*settings.pidfile), obstacle->text), obstacle->help);
}

void check_socket_folders(const config::Settings& settings, const Identity& master, Findings& findings) {
    const auto check = [&](const std::string& text, SettingId setting) {
        const auto address = Address::parse(text);
        if (!address || address->kind != AddressKind::unix_socket) return;
        const std::string folder = folder_of(sys::absolute_path(address->path, settings.chdir));
        const auto obstacle = obstacle_to(Wish::make_files_in, folder, master);
        if (!obstacle) return;
        findings.report(obstacle->id, setting, fmt::format("{} cannot be made: {}", text, obstacle->text), obstacle->help);
    };
    for (const std::string& text : settings.bind) check(text, SettingId::bind);
    for (const std::string& text : status_addresses(settings)) check(text, SettingId::status_bind);
}

}  // namespace gunicorn::server::preflight
