#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>

#include "tests/simulator/signhub/options.hpp"

namespace signwatch::simulator::signhub {

/// Counts calls in exact rolling windows of real time: a window of a minute is any 60 seconds.
class CallWindows {
public:
    static constexpr std::size_t count = 5;
    static std::string_view name_of(std::size_t window);

    explicit CallWindows(const WindowLimits& limits);

    /// Counts one call; the first window that now holds more than its limit.
    std::optional<std::size_t> add(microseconds wall);

    /// The most calls that any window of that kind ever held; 0 if it is not followed.
    std::uint64_t most_in(std::size_t window) const { return windows_[window].most; }

private:
    struct Window {
        microseconds length{};
        std::uint64_t limit = 0;
        bool followed = false;     ///< seconds and minutes always are
        std::uint64_t oldest = 0;  ///< number of the first call inside it
        std::uint64_t most = 0;
    };

    std::array<Window, count> windows_;
    std::deque<microseconds> calls_;
    std::uint64_t first_ = 0;  ///< number of the call at calls_.front()
};

}  // namespace signwatch::simulator::signhub
