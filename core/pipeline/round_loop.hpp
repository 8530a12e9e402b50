#pragma once

#include <functional>
#include <string>

#include "core/pipeline/backoff.hpp"
#include "core/ports/clock.hpp"
#include "core/ports/observer.hpp"

namespace signwatch::pipeline {

/// What a loop of the pipeline is made of: a round of work that tells when the next one is due, a pause that can be
/// cut short, and a growing pause after failures of our own parts. Event-loop thread.
class RoundLoop {
public:
    /// `name` stands in reports of trouble.
    RoundLoop(std::string name, Clock& clock, Observer& observer);

    /// Runs `round` until stop(). It gives the schedule time of the next round; an Error from it is reported.
    Task<void> run(std::function<Task<WallTime>()> round);
    void stop();
    bool stopping() const { return stopping_; }

    /// Looks again now.
    void wake() { wake_.set(); }

    /// When the latest round began: the watchdog wants it to move.
    WallTime last_round() const { return last_round_; }

private:
    std::string name_;
    Clock& clock_;
    Observer& observer_;
    Backoff backoff_;
    Wake wake_;
    WallTime last_round_{};
    bool stopping_ = false;
};

}  // namespace signwatch::pipeline
