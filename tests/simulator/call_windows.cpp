#include "tests/simulator/call_windows.hpp"

#include <algorithm>

namespace signwatch::simulator {

std::size_t CallWindows::within(microseconds now, microseconds length) const {
    const auto first = std::upper_bound(calls_.begin(), calls_.end(), now - length);
    return static_cast<std::size_t>(calls_.end() - first);
}

CallWindows::Verdict CallWindows::call(microseconds now, bool anyway) {
    microseconds longest{};
    Verdict verdict;
    for (const Window& window : windows_) {
        longest = std::max(longest, window.length);
        const std::size_t count = within(now, window.length);
        if (window.limit == 0 || count < static_cast<std::size_t>(window.limit)) continue;
        const microseconds oldest = calls_[calls_.size() - static_cast<std::size_t>(window.limit)];
        verdict = {&window, std::max(verdict.wait, oldest + window.length - now)};
    }
    if (verdict.exceeded != nullptr && !anyway) return verdict;
    calls_.push_back(now);
    while (calls_.front() <= now - longest)
        calls_.pop_front();
    for (std::size_t i = 0; i < windows_.size(); ++i)
        most_[i] = std::max(most_[i], within(now, windows_[i].length));
    return verdict;
}

}  // namespace signwatch::simulator
