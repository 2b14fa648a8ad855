#include <pwd.h>
#include <unistd.h>

#include <string>

#include <fmt/format.h>

#include "server/preflight/inspection.h"

namespace gunicorn::server::preflight {
namespace {

using config::SettingId;

/// setuid(2), setgid(2): without the capability only ids that the process has already.
bool may_become_user(uid_t user, const Host& host) {
    uid_t real = 0, effective = 0, saved = 0;
    ::getresuid(&real, &effective, &saved);
    return user == host.user || host.has(Capability::setuid) || user == real || user == saved;
}

bool may_become_group(gid_t group, const Host& host) {
    gid_t real = 0, effective = 0, saved = 0;
    ::getresgid(&real, &effective, &saved);
    return group == host.group || host.has(Capability::setgid) || group == real || group == saved;
}

}  // namespace

// server/worker/privileges.cc, step by step.
void check_accounts(const config::Settings& settings, const Host& host, const Identity& wanted, Findings& findings) {
    if (wanted.user == host.user && wanted.group == host.group) return;
    const std::string help = host.user == 0 ? "give the process CAP_SETUID and CAP_SETGID"
                                            : "start the server as root, or leave user and group to what starts it";
    if (!may_become_user(wanted.user, host)) {
        findings.report(DiagId::cannot_switch_user, SettingId::user,
                        fmt::format("{} may not become {}", name_of_user(host.user), name_of_user(wanted.user)), help);
    }
    // As root the supplementary groups are replaced too, which needs the same right.
    const bool may_set_groups = host.user != 0 || host.has(Capability::setgid);
    if (!may_become_group(wanted.group, host) || !may_set_groups) {
        const SettingId blamed = wanted.group != host.group ? SettingId::group : SettingId::user;
        findings.report(DiagId::cannot_switch_user, blamed,
                        fmt::format("{} may not change to group {}", name_of_user(host.user), wanted.group), help);
    }
    if (host.user == 0 && settings.initgroups && ::getpwuid(wanted.user) == nullptr) {
        findings.report(DiagId::no_such_user, SettingId::initgroups,
                        fmt::format("asks for the groups of user {}, whom no account database knows", wanted.user));
    }
}

}  // namespace gunicorn::server::preflight
