#pragma once

#include <chrono>

namespace signwatch::simulator {

using std::chrono::microseconds;

/// One instant on both time lines. `virtual_time` drives the rules (re-queueing, permitted times, blocks) and may run
/// faster; `wall` is real time since 1970, which headers, documents' statuses and the call budget use.
struct Moment {
    microseconds virtual_time{};
    microseconds wall{};
};

/// Virtual time starts at 0 and runs `rate` times as fast as the wall clock.
class VirtualClock {
public:
    explicit VirtualClock(double rate = 1.0);

    Moment now() const;
    void advance(microseconds virtual_time) { advanced_ += virtual_time; }

private:
    double rate_;
    microseconds start_;
    microseconds advanced_{};
};

/// When `virtual_time` will be on the wall clock, seen from `now`.
microseconds wall_of(microseconds virtual_time, const Moment& now, double rate);

}  // namespace signwatch::simulator
