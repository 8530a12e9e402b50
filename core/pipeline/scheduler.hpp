#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/pipeline/update_processor.hpp"
#include "core/runtime/task_group.hpp"

namespace signwatch::pipeline {

/// The accounts that are configured now, by name.
using Accounts = std::map<std::string, std::unique_ptr<Account>>;

/// Polls every watch when it is due and never before: claims due watches from the store, polls each, hands what it
/// finds to the line, and settles the watch with the time the provider permits next. A queue that gave an update is
/// asked again at once, for as long as it gives updates and updates in flight have room. Event-loop thread.
class Scheduler {
public:
    /// All parts outlive the scheduler; `tasks` carries the polls and the lines.
    Scheduler(LineParts parts, Accounts& accounts, UpdateProcessor& processor, runtime::TaskGroup& tasks);

    /// Makes the standing watches exist. Before run.
    Task<void> prepare();

    /// Runs until stop(); polls that are under way go on in `tasks`.
    Task<void> run();
    void stop();

    /// The moment it last looked for due watches: the watchdog wants it to move.
    WallTime last_round() const { return last_round_; }

    /// Accounts whose last poll failed, with the error code.
    const std::map<std::string, std::string>& failing() const { return failing_; }

private:
    struct Answer {
        std::optional<PollResult> result;
        std::optional<Error> failure;
        WallTime sent_at{};
        WallTime came_at{};

        bool more_at_once() const {
            return result && result->verdict == PollVerdict::updated && result->wait <= milliseconds{0};
        }
    };

    Task<WallTime> claim_and_start();
    Task<void> poll_watch(Account& account, Watch watch, WallTime claimed_until);
    Task<void> drain(Account& account, Watch& watch, WallTime claimed_until);
    Task<Answer> poll_once(Account& account, Watch watch);
    Task<void> renew_claim(Account& account, const Watch& watch, WallTime& claimed_until);
    Task<void> hand_over(Account& account, const Watch& watch, PollResult result, InFlight flight, OpenPoll open_poll);
    Task<void> settle(SettleWatch settlement);
    SettleWatch settlement_for(const Account& account, Watch& watch, const Answer& answer);
    void report(const Watch& watch, const Answer& answer, WallTime next_due);

    LineParts parts_;
    Accounts& accounts_;
    UpdateProcessor& processor_;
    runtime::TaskGroup& tasks_;
    runtime::Condition poll_ended_;
    Backoff backoff_;
    Wake wake_;
    WallTime last_round_{};
    std::set<WatchId> under_way_;  ///< watches being polled: a claim that runs out meanwhile starts nothing
    std::map<std::string, std::string> failing_;
    bool stopping_ = false;
};

}  // namespace signwatch::pipeline
