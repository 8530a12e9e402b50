#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/pipeline/poller.hpp"
#include "core/pipeline/round_loop.hpp"

namespace signwatch::pipeline {

/// The accounts that are configured now, by name.
using Accounts = std::map<std::string, std::unique_ptr<Account>>;

std::vector<std::string> names_of(const Accounts& accounts);

/// Polls every watch when it is due and never before: claims due watches from the store and gives each to the poller.
/// Every account has its own places, budget and circuit breaker, so that none waits for another. Event-loop thread.
class Scheduler {
public:
    /// All parts outlive the scheduler; `tasks` carries the polls and the lines.
    Scheduler(LineParts parts, Accounts& accounts, UpdateProcessor& processor, runtime::TaskGroup& tasks);

    /// Makes the standing watches exist and reads what was called before. Before run.
    Task<void> prepare();

    /// Runs until stop(); returns when no poll is under way.
    Task<void> run();
    void stop();

    /// A watch may be due now.
    void wake() { loop_.wake(); }
    WallTime last_round() const { return loop_.last_round(); }
    const std::map<std::string, std::string>& failing() const { return poller_.failing(); }

private:
    Task<WallTime> claim_and_start();
    Task<void> poll_watch(Account& account, Watch watch, WallTime claimed_until);
    Task<void> look_at_budgets();
    /// How many watches of the account may be claimed now, hurried and regular; else `next` becomes the time when some
    /// may.
    ClaimWatches::Account places(Account& account, WallTime now, WallTime& next) const;
    void settled(WallTime due_at);

    LineParts parts_;
    Accounts& accounts_;
    runtime::TaskGroup& tasks_;
    bool stopping_ = false;
    Poller poller_;
    RoundLoop loop_;
    runtime::Condition poll_ended_;
    std::set<WatchId> under_way_;  ///< watches being polled: a claim that runs out meanwhile starts nothing
    WallTime budgets_seen_{};
};

}  // namespace signwatch::pipeline
