#pragma once

#include <chrono>

namespace gunicorn {

/// Deadlines and ages: never jumps.
using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;
using Duration = Clock::duration;

/// The date that people and logs read: may jump.
using WallClock = std::chrono::system_clock;

}  // namespace gunicorn
