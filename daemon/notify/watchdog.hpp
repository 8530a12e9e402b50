#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace signwatch::notify {

/// Within which time the service manager wants a ping, from WATCHDOG_USEC and WATCHDOG_PID (sd_watchdog_enabled(3));
/// null pointers stand for unset variables. nullopt: no watchdog, or one meant for another process, or nonsense.
std::optional<std::chrono::microseconds> watchdog_timeout(const char* usec, const char* pid, pid_t self);

/// A part of the daemon that has not moved within its budget.
struct Stall {
    std::string name;
    std::chrono::milliseconds silent{};
    std::chrono::milliseconds budget{};
};

/// Knows whether work goes on. Each part (event loop, store, poll loops, relay) beats when it has moved, and has a
/// budget of silence; the service manager is to be pinged only while all of them live, so that a daemon that only
/// breathes is restarted. The ping must come from the event loop itself. Event-loop thread only.
class Watchdog {
public:
    using Time = std::chrono::steady_clock::time_point;

    /// Begins to watch a part, or changes its budget; counts as its first beat.
    void watch(std::string name, std::chrono::milliseconds budget, Time now);
    /// The part moved at `at`; an older beat than the last is ignored, as is a name that is not watched.
    void beat(std::string_view name, Time at);
    /// The part has ended properly.
    void forget(std::string_view name);

    /// The part that is longest over its budget; nullopt if all live.
    std::optional<Stall> stall(Time now) const;

private:
    struct Heart {
        std::chrono::milliseconds budget{};
        Time last;
    };
    std::map<std::string, Heart, std::less<>> hearts_;
};

}  // namespace signwatch::notify
