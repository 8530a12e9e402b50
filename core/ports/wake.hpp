#pragma once

#include <functional>
#include <utility>

namespace signwatch {

/// Ends one sleeper's sleep early. `set` is a level: set while nobody sleeps, it ends the next sleep at once.
/// One sleeper at a time; event-loop thread only. Must outlive the sleep.
class Wake {
public:
    void set() {
        set_ = true;
        if (sleeper_) sleeper_();
    }

    /// True if it was set; clears it.
    bool take() { return std::exchange(set_, false); }

    /// For Clock implementations: what to call when it is set during a sleep; an empty function when the sleep ends.
    void notify(std::function<void()> sleeper) { sleeper_ = std::move(sleeper); }

private:
    bool set_ = false;
    std::function<void()> sleeper_;
};

}  // namespace signwatch
