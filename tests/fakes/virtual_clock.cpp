#include "tests/fakes/virtual_clock.hpp"

namespace signwatch::testing {

std::chrono::steady_clock::time_point VirtualClock::steady_now() const {
    return std::chrono::steady_clock::time_point{now_.time_since_epoch()};
}

Task<void> VirtualClock::sleep_until(WallTime due, Wake& wake) {
    runtime::Condition awake(loop_.get_executor());
    const auto place = sleepers_.emplace(due, &awake);
    wake.notify([&awake] { awake.notify_all(); });
    while (!wake.take() && now_ < due)
        co_await awake.wait();
    wake.notify({});
    sleepers_.erase(place);
}

void VirtualClock::run_until(WallTime end) {
    for (;;) {
        loop_.restart();
        while (loop_.poll() > 0) {
        }
        if (sleepers_.empty() || sleepers_.begin()->first > end) break;
        now_ = std::max(now_, sleepers_.begin()->first);
        for (auto [it, last] = sleepers_.equal_range(sleepers_.begin()->first); it != last; ++it)
            it->second->notify_all();
    }
    now_ = end;
}

}  // namespace signwatch::testing
