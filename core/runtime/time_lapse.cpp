#include "core/runtime/time_lapse.hpp"

#include <algorithm>

namespace signwatch::runtime {

TimeLapse::TimeLapse(Clock& real, double rate) : real_(real), rate_(rate) {}

// The real timeline is moved once more while the daemon starts, so the lapse begins with the first question.
WallTime TimeLapse::schedule_now() const {
    const WallTime now = real_.schedule_now();
    if (!begin_) begin_ = now;
    const double passed = static_cast<double>((now - *begin_).count()) * rate_;
    return *begin_ + milliseconds{static_cast<std::int64_t>(passed)};
}

Task<void> TimeLapse::sleep_until(WallTime due, Wake& wake) {
    while (schedule_now() < due) {
        const double left = static_cast<double>((due - schedule_now()).count()) / rate_;
        const milliseconds wait{std::max<std::int64_t>(1, static_cast<std::int64_t>(left))};
        const WallTime real_due = real_.schedule_now() + wait;
        co_await real_.sleep_until(real_due, wake);
        if (real_.schedule_now() < real_due) co_return;  // woken
    }
}

}  // namespace signwatch::runtime
