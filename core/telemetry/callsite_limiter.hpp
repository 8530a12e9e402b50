#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace signwatch::telemetry {

/// A place in the code that logs, in one component.
struct Callsite {
    const char* file = "";
    unsigned line = 0;
    std::string component;

    auto operator<=>(const Callsite&) const = default;
};

/// Lets each callsite log `burst` lines per window, and counts what it holds back. Not thread-safe.
class CallsiteLimiter {
public:
    using Time = std::chrono::steady_clock::time_point;
    static constexpr std::chrono::seconds window{10};

    explicit CallsiteLimiter(std::uint64_t burst) : burst_(burst) {}

    /// Whether the line may be written.
    bool admit(const Callsite& callsite, Time now);

    /// The callsites whose window is over and that held lines back, with how many; their windows begin afresh.
    std::vector<std::pair<Callsite, std::uint64_t>> take_suppressed(Time now);

private:
    struct Window {
        Time begin;
        std::uint64_t seen = 0;
    };

    std::uint64_t burst_;
    std::map<Callsite, Window> windows_;
};

}  // namespace signwatch::telemetry
