#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include <fmt/format.h>

#include "server/preflight/inspection.h"
#include "server/preflight/paths.h"

namespace gunicorn::server::preflight {
namespace {

/// A socket that nobody listens on: Listener::open() connects to be sure, then removes it.
void check_stale_socket(const Inspection& inspection, const PlannedAddress& planned) {
    const std::string& path = planned.path;
    if (access_error(path, W_OK, inspection.master) != 0) {
        inspection.findings.report(
            DiagId::not_writable, planned.setting,
            fmt::format("unix:{}: {} may not write to the socket that is there", path, name_of_user(inspection.master.user)),
            "rm " + path);
    } else if (const auto obstacle = obstacle_to(Wish::make_file, path, inspection.master)) {
        // That of the directory was found already.
        if (obstacle_to(Wish::make_files_in, folder_of(path), inspection.master)) return;
        inspection.findings.report(obstacle->id, planned.setting, fmt::format("unix:{}: {}", path, obstacle->text),
                                   "rm " + path);
    } else {
        inspection.findings.report(
            DiagId::replaceable_file, planned.setting,
            fmt::format("unix:{}: nobody listens on the socket that is there; it will be replaced", path));
    }
}

void report_live_socket(const Inspection& inspection, const Obstruction& socket, const PlannedAddress& planned) {
    const std::string& path = planned.path;
    const std::string who = describe_holders(socket, inspection.host);
    if (inspection.running.holds(socket)) {
        inspection.findings.report(
            DiagId::held_by_this_server, planned.setting,
            fmt::format("unix:{} is held by the running server of this configuration, {}", path, who));
    } else {
        inspection.findings.report(DiagId::address_in_use, planned.setting,
                                   fmt::format("unix:{} is in use by {}", path, who), "stop it, or choose another path");
    }
}

}  // namespace

void check_unix_sockets(const Inspection& inspection) {
    for (std::size_t entry = 0; entry < inspection.planned.size(); ++entry) {
        const PlannedAddress& planned = inspection.planned[entry];
        if (planned.address.kind != AddressKind::unix_socket) continue;
        const std::string& path = planned.path;
        struct stat status {};
        if (::lstat(path.c_str(), &status) != 0) continue;
        if (!S_ISSOCK(status.st_mode)) {
            inspection.findings.report(
                DiagId::not_a_socket, planned.setting,
                fmt::format("unix:{}: {} is there, which is no socket", path,
                            S_ISDIR(status.st_mode)   ? "a directory"
                            : S_ISLNK(status.st_mode) ? "a symbolic link"
                                                      : "a file"),
                S_ISDIR(status.st_mode) ? "name a file in it, like " + path + "/gunicorn.sock" : "choose another path");
            continue;
        }
        const auto live = std::find_if(inspection.in_the_way.begin(), inspection.in_the_way.end(),
                                       [&](const Obstruction& one) { return one.entry == entry; });
        if (live == inspection.in_the_way.end()) {
            check_stale_socket(inspection, planned);
        } else {
            report_live_socket(inspection, *live, planned);
        }
    }
}

}  // namespace gunicorn::server::preflight
