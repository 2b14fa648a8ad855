#include <fmt/format.h>

#include "base/sys.h"
#include "base/text.h"
#include "server/arbiter/pidfile.h"
#include "server/preflight/inspection.h"

namespace gunicorn::server::preflight {
namespace {

using config::SettingId;

constexpr std::size_t kMostBytes = 4096;

bool looks_like_pidfile(const std::string& path) {
    const auto content = sys::read_file(path, kMostBytes);
    const std::string_view trimmed = content ? text::trim(*content) : std::string_view("-");
    return trimmed.empty() || text::parse_decimal(trimmed).has_value();
}

}  // namespace

// Pidfile.create() decides at start: a live process is an error, everything else is replaced.
void check_pidfile(const Inspection& inspection) {
    if (!has_pidfile(inspection.settings)) return;
    Findings& findings = inspection.findings;
    const std::string path = pidfile_path(inspection.settings);
    const Result<pid_t>& owner = inspection.running.in_pidfile();
    if (!owner) {
        // What is wrong with a directory is found where the place of the file is judged.
        if (sys::is_file(path)) findings.report(DiagId::not_readable, SettingId::pidfile, owner.error().message);
        return;
    }
    if (*owner == 0) {
        if (!sys::is_file(path)) return;
        if (looks_like_pidfile(path)) {
            findings.report(DiagId::replaceable_file, SettingId::pidfile,
                            fmt::format("{} names no running process and will be replaced", text::repr(path)));
        } else {
            findings.report_as(Severity::warning, DiagId::replaceable_file, SettingId::pidfile,
                               fmt::format("{} is no pid file; a start replaces its content", text::repr(path)),
                               "name a file that is for this alone");
        }
        return;
    }
    const auto process = process_facts(*owner, inspection.host.proc);
    const std::string who = process ? to_string(*process) : fmt::format("pid {}", *owner);
    if (inspection.running.is_master(*owner)) {
        findings.report(DiagId::held_by_this_server, SettingId::pidfile,
                        fmt::format("{} belongs to the running server of this configuration, {}", text::repr(path), who));
    } else {
        findings.report(DiagId::pidfile_taken, SettingId::pidfile,
                        fmt::format("{} names a running process, {}", text::repr(path), who),
                        process && is_gunicorn(*process) ? "give each server a pid file of its own"
                                                         : "if that is no server, the file is stale: rm " + path);
    }
}

}  // namespace gunicorn::server::preflight
