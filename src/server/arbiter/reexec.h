#pragma once
// How a master executes its program anew, to be followed by what is there now (Gunicorn: Arbiter.reexec).

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"
#include "server/arbiter/start_context.h"
#include "server/net/listener.h"

namespace gunicorn::server {

/// The environment of the start, "NAME=value", with what `handed` says to the process `self`; read_inheritance() reads it
/// there. What an earlier start was handed is not in it. WATCHDOG_PID becomes `self` where it is set: the new master is the
/// one to be watched.
[[nodiscard]] std::vector<std::string> environment_for(const std::vector<std::string>& at_start, const Inheritance& handed,
                                                       pid_t self);

/// In a forked child of the old master: becomes the program of `start`, with the listeners, `report_fd` and the socket of
/// the status listener (-1: none) open. Sockets that came as descriptors (fd://N, systemd) have their numbers. Returns when
/// that cannot be done, and then says why; the process is good for nothing else. The dispositions of signals that Python
/// sets are at their defaults.
[[nodiscard]] Error execute_anew(const StartContext& start, const std::vector<Listener>& listeners, int status_fd,
                                 pid_t old_master, int report_fd);

}  // namespace gunicorn::server
