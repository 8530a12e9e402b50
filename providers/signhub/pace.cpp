#include "providers/signhub/pace.hpp"

#include <algorithm>

namespace signwatch::signhub {

milliseconds wait_of(const Watch& watch, WallTime now, const Pace& pace) {
    if (watch.interval) return *watch.interval;
    const milliseconds age = now - watch.since;
    if (age >= pace.idle_after) return pace.idle_interval;
    if (age >= pace.slow_after) return pace.slow_interval;
    return pace.interval;
}

milliseconds throttle_wait(int throttles) {
    return std::chrono::minutes{1} * (1 << std::clamp(throttles - 1, 0, 4));
}

}  // namespace signwatch::signhub
