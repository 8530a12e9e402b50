#pragma once

#include <chrono>

#include "core/domain/time.hpp"
#include "core/ports/task.hpp"
#include "core/ports/wake.hpp"

namespace signwatch {

/// All time in the program goes through here, so that the simulation can own it. Event-loop thread only.
class Clock {
public:
    virtual ~Clock() = default;

    /// Civil time, for time stamps. It may jump when somebody sets the machine's clock.
    virtual WallTime now() const = 0;

    /// The schedule timeline, for due times: it never jumps while the machine runs, and goes on across restarts of the
    /// daemon, so a permitted time stays permitted at the same moment whatever happens to the civil clock.
    virtual WallTime schedule_now() const = 0;

    /// For measuring durations.
    virtual std::chrono::steady_clock::time_point steady_now() const = 0;

    /// Returns when `schedule_now() >= due` (never earlier), or at once when `wake` is set; takes the wake.
    virtual Task<void> sleep_until(WallTime due, Wake& wake) = 0;
};

}  // namespace signwatch
