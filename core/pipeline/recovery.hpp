#pragma once

#include "core/pipeline/scheduler.hpp"

namespace signwatch::pipeline {

/// Takes unfinished updates up again from their rows: all of them at start, later those whose next attempt is due,
/// whose predecessor is done, or that an operator has asked for. Event-loop thread.
class Recovery {
public:
    Recovery(LineParts parts, Accounts& accounts, UpdateProcessor& processor, runtime::TaskGroup& tasks);

    /// Makes everything unfinished due. Before run, and before anything is polled.
    Task<void> prepare();

    Task<void> run();
    void stop() { loop_.stop(); }

    /// Looks again now.
    void wake() { loop_.wake(); }
    WallTime last_round() const { return loop_.last_round(); }

private:
    Task<WallTime> claim_and_start();

    LineParts parts_;
    Accounts& accounts_;
    UpdateProcessor& processor_;
    runtime::TaskGroup& tasks_;
    RoundLoop loop_;
};

}  // namespace signwatch::pipeline
