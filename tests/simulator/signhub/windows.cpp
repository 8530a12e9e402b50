#include "tests/simulator/signhub/windows.hpp"

#include <algorithm>

namespace signwatch::simulator::signhub {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::array<std::string_view, CallWindows::count> names{"second", "minute", "hour", "day", "month"};

}  // namespace

std::string_view CallWindows::name_of(std::size_t window) {
    return names[window];
}

CallWindows::CallWindows(const WindowLimits& limits) {
    const std::array<microseconds, count> lengths{seconds{1}, minutes{1}, hours{1}, hours{24}, hours{24 * 31}};
    const std::array<int, count> most{
        limits.per_second, limits.per_minute, limits.per_hour, limits.per_day, limits.per_month};
    for (std::size_t i = 0; i < count; ++i) {
        windows_[i].length = lengths[i];
        windows_[i].limit = static_cast<std::uint64_t>(most[i]);
        windows_[i].followed = i < 2 || most[i] > 0;
    }
}

std::optional<std::size_t> CallWindows::add(microseconds wall) {
    calls_.push_back(wall);
    const std::uint64_t end = first_ + calls_.size();
    std::uint64_t needed = end;
    std::optional<std::size_t> exceeded;
    for (std::size_t i = 0; i < count; ++i) {
        Window& window = windows_[i];
        if (!window.followed) continue;
        while (calls_[window.oldest - first_] + window.length <= wall)
            ++window.oldest;
        window.most = std::max(window.most, end - window.oldest);
        needed = std::min(needed, window.oldest);
        if (window.limit > 0 && end - window.oldest > window.limit && !exceeded) exceeded = i;
    }
    for (; first_ < needed; ++first_)
        calls_.pop_front();
    return exceeded;
}

}  // namespace signwatch::simulator::signhub
