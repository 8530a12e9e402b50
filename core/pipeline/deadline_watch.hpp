#pragma once

#include "core/pipeline/scheduler.hpp"

namespace signwatch::pipeline {

/// Reports processes whose local deadline has passed: as a status update like any other, with state expired and reason
/// "local-deadline", down the same line. Event-loop thread.
class DeadlineWatch {
public:
    DeadlineWatch(LineParts parts, Accounts& accounts, UpdateProcessor& processor, runtime::TaskGroup& tasks);

    Task<void> run();
    void stop() { loop_.stop(); }
    WallTime last_round() const { return loop_.last_round(); }

private:
    Task<WallTime> report_passed();
    Task<void> report(PassedDeadline passed);

    LineParts parts_;
    Accounts& accounts_;
    UpdateProcessor& processor_;
    runtime::TaskGroup& tasks_;
    RoundLoop loop_;
};

}  // namespace signwatch::pipeline
