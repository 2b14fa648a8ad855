#pragma once

#include <sys/types.h>

#include <string>

#include "config/rule_facts.h"
#include "config/validation.h"

namespace gunicorn::app {

/// What rules may know of this host: reads /proc, /sys/fs/cgroup (version 1 and 2) and the limits of this process, and
/// changes nothing. A file that is missing or says something else leaves its fact unknown.
///
/// `server` is the process that would become the master; a check asks for the process that forked it. It counts as started
/// by systemd when INVOCATION_ID is set and either its parent is process 1 or NOTIFY_SOCKET is set: the first variable alone
/// is inherited by every shell of a session. `root` stands before every path, for tests.
[[nodiscard]] config::RuleFacts host_facts(const config::Environment& environment, pid_t server,
                                           const std::string& root = {});

}  // namespace gunicorn::app
