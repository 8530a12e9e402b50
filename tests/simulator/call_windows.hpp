#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "tests/simulator/virtual_clock.hpp"

namespace signwatch::simulator {

/// Counts calls exactly, over rolling windows of virtual time.
class CallWindows {
public:
    struct Window {
        std::string_view name;  ///< a literal: "hour"
        microseconds length;
        int limit = 0;  ///< 0: none
    };
    explicit CallWindows(std::vector<Window> windows) : windows_(std::move(windows)) {}

    struct Verdict {
        const Window* exceeded = nullptr;  ///< the longest window that is full; nullptr: there is room
        microseconds wait{};               ///< until there is room again
    };
    /// What a call at `now` meets, and counts it if it is admitted or `anyway`.
    Verdict call(microseconds now, bool anyway = false);

    /// The most calls that were in one window at any time, in the order of the windows.
    const std::vector<std::size_t>& most() const { return most_; }
    const std::vector<Window>& windows() const { return windows_; }

private:
    std::size_t within(microseconds now, microseconds length) const;

    std::vector<Window> windows_;
    std::vector<std::size_t> most_ = std::vector<std::size_t>(windows_.size());
    std::deque<microseconds> calls_;  ///< as far back as the longest window
};

}  // namespace signwatch::simulator
