#include "config/system_accounts.h"

#include <grp.h>
#include <pwd.h>

#include <cerrno>
#include <vector>

namespace gunicorn::config {
namespace {

/// Calls a getXXnam_r function with a buffer that grows until the record fits.
template <class Record, class Id>
std::optional<std::int64_t> look_up(const std::string& name,
                                    int (*function)(const char*, Record*, char*, std::size_t, Record**), Id Record::*id) {
    std::vector<char> buffer(1024);
    for (;;) {
        Record record{};
        Record* found = nullptr;
        const int error = function(name.c_str(), &record, buffer.data(), buffer.size(), &found);
        if (error == EINTR) continue;
        if (error == ERANGE && buffer.size() < (1U << 20U)) {
            buffer.resize(buffer.size() * 2);
            continue;
        }
        if (found == nullptr) return std::nullopt;
        return static_cast<std::int64_t>(found->*id);
    }
}

}  // namespace

std::optional<std::int64_t> SystemAccounts::user_id(const std::string& name) const {
    return look_up(name, &::getpwnam_r, &passwd::pw_uid);
}

std::optional<std::int64_t> SystemAccounts::group_id(const std::string& name) const {
    return look_up(name, &::getgrnam_r, &group::gr_gid);
}

}  // namespace gunicorn::config
