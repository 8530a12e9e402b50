#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "core/pipeline/hint_desk.hpp"
#include "core/pipeline/update_processor.hpp"
#include "core/runtime/task_group.hpp"

namespace signwatch::pipeline {

/// Polls one claimed watch and settles it with the time of its next poll. A queue that gave an update is asked again at
/// once, for as long as it gives updates and updates in flight have room; a sweep goes on page by page, and its hints
/// are durable before its bookmark is; a single process is looked at once, and what it shows is recorded only if it is
/// news. Event-loop thread.
class Poller {
public:
    /// `on_settled(due_at)`: a watch is due then. `stopping` and all parts outlive the poller.
    Poller(LineParts parts,
           UpdateProcessor& processor,
           runtime::TaskGroup& tasks,
           const bool& stopping,
           std::function<void(WallTime)> on_settled);

    /// Errors of our own store are reported; the row then still says that a poll may be under way, and nobody polls
    /// before that has run out.
    Task<void> poll(Account& account, Watch watch, WallTime claimed_until);

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
        bool next_page() const {
            return result && result->wait <= milliseconds{0} &&
                   (result->verdict == PollVerdict::updated || result->verdict == PollVerdict::empty);
        }
    };

    Task<void> drain(Account& account, Watch& watch, WallTime claimed_until);
    Task<void> sweep(Account& account, Watch& watch, WallTime claimed_until);
    Task<void> look(Account& account, Watch& watch, WallTime claimed_until);
    Task<bool> fetch_at_once(Account& account, const Watch& watch);
    Task<void> fetch(Account& account, Watch watch, PendingUpdate pending, InFlight flight);
    Task<void> settle_fetched(const Account& account, const Watch& watch);
    Task<void> tell(Account& account, const Watch& watch, PollResult& result);
    Task<bool> may_ask(Account& account, const Watch& watch, WallTime& claimed_until);
    Task<Answer> ask(Account& account, Watch watch);
    Task<void> renew_claim(Account& account, const Watch& watch, WallTime& claimed_until);
    Task<void> turn_page(Account& account, SettleWatch settlement, WallTime& claimed_until);
    Task<void> hand_over(Account& account, const Watch& watch, PollResult result, InFlight flight, OpenPoll open_poll);
    Task<void> keep_unreadable(const Watch& watch, PollResult& result);
    Task<void> record_news(Account& account, const Watch& watch, PollResult& result);
    Task<void> park(Account& account, const Watch& watch, std::string code);
    Task<void> leave(const Account& account, const Watch& watch, WallTime due_at);
    Task<void> settle(SettleWatch settlement);
    SettleWatch settlement_for(Account& account, Watch& watch, const Answer& answer);
    milliseconds wait_after(Account& account, const Watch& watch, const Answer& answer);
    void report(Account& account, const Watch& watch, const Answer& answer, WallTime next_due);

    LineParts parts_;
    UpdateProcessor& processor_;
    runtime::TaskGroup& tasks_;
    const bool& stopping_;
    std::function<void(WallTime)> on_settled_;
    HintDesk hints_;
    Backoff backoff_;
    std::map<std::string, std::string> failing_;
};

/// How far a claim moves a watch: the longest normal wait from now on, and some more, so that a drain need not renew it
/// before every single poll.
milliseconds claim_length(const AccountTerms& terms);

}  // namespace signwatch::pipeline
