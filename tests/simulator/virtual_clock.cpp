#include "tests/simulator/virtual_clock.hpp"

#include <cmath>

namespace signwatch::simulator {
namespace {

microseconds wall_now() {
    return std::chrono::duration_cast<microseconds>(std::chrono::system_clock::now().time_since_epoch());
}

}  // namespace

VirtualClock::VirtualClock(double rate) : rate_(rate), start_(wall_now()) {}

Moment VirtualClock::now() const {
    const microseconds wall = wall_now();
    const auto elapsed = static_cast<double>((wall - start_).count()) * rate_;
    return {microseconds{std::llround(elapsed)} + advanced_, wall};
}

microseconds wall_of(microseconds virtual_time, const Moment& now, double rate) {
    const auto ahead = static_cast<double>((virtual_time - now.virtual_time).count()) / rate;
    return now.wall + microseconds{std::llround(std::ceil(ahead))};
}

}  // namespace signwatch::simulator
