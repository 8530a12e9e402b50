#include "core/pipeline/rate_budget.hpp"

#include <algorithm>
#include <cmath>

namespace signwatch::pipeline {

RateBudget::RateBudget(Clock& clock, double calls_per_second) : clock_(clock) {
    set_rate(calls_per_second);
}

void RateBudget::set_rate(double calls_per_second) {
    gap_ = milliseconds{calls_per_second > 0 ? static_cast<std::int64_t>(std::ceil(1000.0 / calls_per_second)) : 0};
}

Task<void> RateBudget::take() {
    for (;;) {
        const WallTime now = clock_.schedule_now();
        const WallTime slot = std::max({now, next_, held_until_});
        next_ = slot + gap_;
        if (slot <= now) co_return;
        Wake never;
        co_await clock_.sleep_until(slot, never);
        if (held_until_ <= slot) co_return;
    }
}

void RateBudget::hold_for(milliseconds delay) {
    held_until_ = std::max(held_until_, clock_.schedule_now() + delay);
}

}  // namespace signwatch::pipeline
