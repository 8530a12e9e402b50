#pragma once

#include "core/ports/clock.hpp"

namespace signwatch::pipeline {

/// Spaces the calls of one budget evenly. An even gap instead of a bucket of tokens: even a daemon that is killed and
/// restarted within a second cannot exceed the provider's limit by more than the one call it starts with. First come,
/// first served. Outlives reloads, so that a reload does not start a fresh budget. Event-loop thread.
class RateBudget {
public:
    /// `calls_per_second` 0: no limit.
    RateBudget(Clock& clock, double calls_per_second);

    /// For a reload: from the next call on.
    void set_rate(double calls_per_second);

    /// Returns when the call may be made.
    Task<void> take();

    /// The provider has blocked us: no call before this long has passed.
    void hold_for(milliseconds delay);

private:
    Clock& clock_;
    milliseconds gap_{};
    WallTime next_{};
    WallTime held_until_{};
};

}  // namespace signwatch::pipeline
