#pragma once

#include <sys/types.h>

#include <vector>

namespace gunicorn::app {

/// From now on this process inherits what its children leave behind, so that end_orphans() finds it.
void adopt_orphans() noexcept;

/// The children that this process has now.
[[nodiscard]] std::vector<pid_t> children();

/// Kills the children that this process has now, without reaping them.
void kill_children();

/// Kills and reaps every child of this process and what they leave behind in turn, but for those that are spared: whoever
/// started us by exec may have had children before.
void end_orphans(const std::vector<pid_t>& spared);

}  // namespace gunicorn::app
