#include "server/preflight/identity.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/fsuid.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include <fmt/format.h>

namespace gunicorn::server::preflight {
namespace {

std::vector<gid_t> own_groups() {
    std::vector<gid_t> groups(static_cast<std::size_t>(std::max(0, ::getgroups(0, nullptr))));
    const int count = ::getgroups(static_cast<int>(groups.size()), groups.data());
    groups.resize(static_cast<std::size_t>(std::max(0, count)));
    return groups;
}

std::optional<std::string> account_name(uid_t user) {
    char buffer[4096];
    passwd entry{};
    passwd* found = nullptr;
    if (::getpwuid_r(user, &entry, buffer, sizeof buffer, &found) != 0 || found == nullptr) return std::nullopt;
    return found->pw_name;
}

std::vector<gid_t> groups_of(const std::string& name, gid_t group) {
    int count = 64;
    std::vector<gid_t> groups(static_cast<std::size_t>(count));
    if (::getgrouplist(name.c_str(), group, groups.data(), &count) < 0) {
        groups.resize(static_cast<std::size_t>(count));
        ::getgrouplist(name.c_str(), group, groups.data(), &count);
    }
    groups.resize(static_cast<std::size_t>(count));
    return groups;
}

/// Of this thread; glibc's setgroups() would change all of them.
bool set_thread_groups(const std::vector<gid_t>& groups) {
    return ::syscall(SYS_setgroups, groups.size(), groups.data()) == 0;
}

}  // namespace

Identity identity_of_master() { return {::geteuid(), ::getegid(), own_groups()}; }

Identity identity_of_workers(const config::Settings& settings) {
    const Identity master = identity_of_master();
    Identity workers{static_cast<uid_t>(settings.user), static_cast<gid_t>(settings.group), master.groups};
    if ((workers.user == master.user && workers.group == master.group) || master.user != 0) return workers;
    const auto name = settings.initgroups ? account_name(workers.user) : std::nullopt;
    workers.groups = name ? groups_of(*name, workers.group) : std::vector<gid_t>{workers.group};
    return workers;
}

std::string name_of_user(uid_t user) {
    const auto name = account_name(user);
    return name ? "'" + *name + "'" : fmt::format("user {}", user);
}

FileIdentity::FileIdentity(const Identity& wanted) {
    const Identity own = identity_of_master();
    if (own.user != 0 || wanted == own) return;
    groups_before_ = own.groups;
    if (!set_thread_groups(wanted.groups)) return;
    is_switched_ = true;
    ::setfsgid(wanted.group);
    // Last, since it takes the rights to override permissions with it.
    ::setfsuid(wanted.user);
}

FileIdentity::~FileIdentity() {
    if (!is_switched_) return;
    ::setfsuid(::geteuid());
    ::setfsgid(::getegid());
    set_thread_groups(groups_before_);
}

int access_error(const std::string& path, int mode, const Identity& who) {
    const FileIdentity as(who);
    // Not glibc's faccessat(): for want of the system call that one would judge by mode bits or by the real user.
    if (::syscall(SYS_faccessat2, AT_FDCWD, path.c_str(), mode, AT_EACCESS) == 0) return 0;
    // A kernel before 5.8: nothing can be said, and nothing is.
    return errno == ENOSYS ? 0 : errno;
}

}  // namespace gunicorn::server::preflight
