#include "server/worker/privileges.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <string>

#include "base/sys.h"

namespace gunicorn::server {

Result<void> drop_privileges(const Privileges& wanted) {
    const auto user = static_cast<uid_t>(wanted.user);
    const auto group = static_cast<gid_t>(wanted.group);
    if (user == ::geteuid() && group == ::getegid()) return {};
    if (::geteuid() == 0) {
        if (wanted.initgroups) {
            const passwd* entry = ::getpwuid(user);
            if (entry == nullptr) {
                return failure(ErrorKind::not_found, "initgroups: no user with id " + std::to_string(user));
            }
            if (::initgroups(entry->pw_name, group) != 0) return Unexpected{sys::system_error("initgroups")};
        } else if (::setgroups(1, &group) != 0) {
            return Unexpected{sys::system_error("setgroups")};
        }
    }
    if (group != ::getegid() && ::setgid(group) != 0) {
        return Unexpected{sys::system_error("setgid " + std::to_string(group))};
    }
    if (user != ::geteuid() && ::setuid(user) != 0) {
        return Unexpected{sys::system_error("setuid " + std::to_string(user))};
    }
    return {};
}

}  // namespace gunicorn::server
