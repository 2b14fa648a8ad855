#pragma once
// What whoever executed this program handed over by environment variables: a master that upgrades itself (Gunicorn:
// Arbiter.reexec), or systemd (sd_listen_fds(3)).

#include <sys/types.h>

#include <array>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/validation.h"

namespace gunicorn::server {

inline constexpr const char* kOldMasterVariable = "GUNICORN_PID";
inline constexpr const char* kListenersVariable = "GUNICORN_FD";
/// Ours alone: the descriptor on which a new master tells the old one that it serves.
inline constexpr const char* kReportVariable = "GUNICORN_UPGRADE_REPORT_FD";
/// Ours alone: the socket of the status listener.
inline constexpr const char* kStatusVariable = "GUNICORN_STATUS_FD";
inline constexpr const char* kSystemdPidVariable = "LISTEN_PID";
inline constexpr const char* kSystemdCountVariable = "LISTEN_FDS";
/// All that is meant for one process and not for those that it starts.
inline constexpr std::array kInheritanceVariables{kOldMasterVariable, kListenersVariable,  kReportVariable,
                                                  kStatusVariable,    kSystemdPidVariable, kSystemdCountVariable};

struct Inheritance {
    pid_t old_master = 0;          ///< which executed us to be its successor; 0: nobody
    std::vector<int> descriptors;  ///< of sockets, as somebody says
    bool by_systemd = false;       ///< they are in the place of `bind`
    int report_fd = -1;
    int status_fd = -1;

    bool operator==(const Inheritance&) const = default;
};

/// What the variables say to the process `self`. Descriptors that systemd meant for another process (LISTEN_PID) are not
/// ours, and GUNICORN_FD without GUNICORN_PID is nobody's; a new master that was passed nothing opens its addresses itself.
/// An Error names the variable that says no numbers.
Result<Inheritance> read_inheritance(const config::Environment& variables, pid_t self);

/// Keeps the descriptors from programs that the configuration starts. What is not open is found where it is used.
void close_on_exec(const Inheritance& inherited) noexcept;

}  // namespace gunicorn::server
