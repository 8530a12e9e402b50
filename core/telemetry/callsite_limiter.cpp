#include "core/telemetry/callsite_limiter.hpp"

namespace signwatch::telemetry {

bool CallsiteLimiter::admit(const Callsite& callsite, Time now) {
    Window& current = windows_.try_emplace(callsite, Window{now, 0}).first->second;
    // What an old window held back is told by take_suppressed before a new one may begin.
    if (now - current.begin >= window && current.seen <= burst_) current = Window{now, 0};
    return ++current.seen <= burst_;
}

std::vector<std::pair<Callsite, std::uint64_t>> CallsiteLimiter::take_suppressed(Time now) {
    std::vector<std::pair<Callsite, std::uint64_t>> result;
    for (auto& [callsite, current] : windows_) {
        if (now - current.begin < window || current.seen <= burst_) continue;
        result.emplace_back(callsite, current.seen - burst_);
        current = Window{now, 0};
    }
    return result;
}

}  // namespace signwatch::telemetry
