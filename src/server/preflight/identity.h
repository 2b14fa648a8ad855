#pragma once
// Whose permissions the kernel is asked about.

#include <sys/types.h>

#include <string>
#include <vector>

#include "config/settings.gen.h"

namespace gunicorn::server::preflight {

struct Identity {
    uid_t user = 0;
    gid_t group = 0;
    std::vector<gid_t> groups;  ///< supplementary ones

    bool operator==(const Identity&) const = default;
};

/// Who opens what the master opens: logs, pid file, listeners.
[[nodiscard]] Identity identity_of_master();
/// Who opens what workers open, after drop_privileges().
[[nodiscard]] Identity identity_of_workers(const config::Settings& settings);

/// "'www-data'", or "user 33" when nobody is called so.
[[nodiscard]] std::string name_of_user(uid_t user);

/// While it lives, the file system judges the calling thread as somebody else; its other rights are untouched. Without the
/// right to do that (root's), nothing changes. Other threads never notice.
class [[nodiscard]] FileIdentity {
public:
    explicit FileIdentity(const Identity& wanted);
    FileIdentity(const FileIdentity&) = delete;
    FileIdentity& operator=(const FileIdentity&) = delete;
    ~FileIdentity();

private:
    std::vector<gid_t> groups_before_;
    bool is_switched_ = false;
};

/// 0, or the errno with which the kernel refuses `mode` (R_OK, W_OK, X_OK, F_OK) to `who`.
[[nodiscard]] int access_error(const std::string& path, int mode, const Identity& who);

}  // namespace gunicorn::server::preflight
