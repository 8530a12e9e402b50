#pragma once

#include <functional>
#include <optional>

#include "core/domain/error.hpp"
#include "core/ports/clock.hpp"
#include "core/ports/task.hpp"
#include "core/runtime/condition.hpp"

namespace signwatch::adobe_sign {

/// An errand that many coroutines need done and one of them runs (a new token, a new access point). Event-loop thread;
/// outlives all who joined.
class SingleFlight {
public:
    explicit SingleFlight(const Clock& clock) : clock_(clock) {}

    /// Runs `errand`; while it is under way, others wait for its end instead. Its Error is thrown to all of them, and
    /// to everybody who asks again before the wait that it names is over: then nothing is run.
    Task<void> join(std::function<Task<void>()> errand);

private:
    Task<void> run(std::function<Task<void>()> errand);
    void refuse_too_early() const;
    void end(std::optional<Error> failure);

    const Clock& clock_;
    std::optional<runtime::Condition> ended_;
    bool running_ = false;
    std::optional<Error> failure_;  ///< of the newest run
    WallTime failed_at_{};
};

}  // namespace signwatch::adobe_sign
