#pragma once

namespace gunicorn::app {

/// From now on this process inherits what its children leave behind, so that end_orphans() finds it.
void adopt_orphans() noexcept;

/// Kills the children that this process has now, without reaping them.
void kill_children();

/// Kills and reaps every child of this process and what they leave behind in turn.
void end_orphans();

}  // namespace gunicorn::app
