#pragma once

#include <optional>

#include "core/ports/clock.hpp"

namespace signwatch::runtime {

/// A clock whose schedule timeline runs faster than the real one, so that a test can live through a month of due times
/// and budgets in minutes. Civil and steady time stay as they are. Waits are a millisecond at least: things happen
/// late, never early. Event-loop thread; the real clock outlives it.
class TimeLapse : public Clock {
public:
    TimeLapse(Clock& real, double rate);

    WallTime now() const override { return real_.now(); }
    WallTime schedule_now() const override;
    std::chrono::steady_clock::time_point steady_now() const override { return real_.steady_now(); }
    Task<void> sleep_until(WallTime due, Wake& wake) override;

private:
    Clock& real_;
    double rate_;
    mutable std::optional<WallTime> begin_;  ///< when it was first asked: from there it runs faster
};

}  // namespace signwatch::runtime
