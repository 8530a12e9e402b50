#include "core/pipeline/scheduler.hpp"

#include <algorithm>
#include <utility>

namespace signwatch::pipeline {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::seconds;

constexpr std::size_t most_polls_at_once = 64;
constexpr milliseconds longest_nap = seconds{30};

// A claim assumes the longest normal wait from now on, and some more: a drain then need not renew it before every
// single poll.
milliseconds claim_length(const AccountTerms& terms) {
    return terms.unanswered_wait + std::max<milliseconds>(milliseconds{100}, terms.unanswered_wait / 10);
}

}  // namespace

Scheduler::Scheduler(LineParts parts, Accounts& accounts, UpdateProcessor& processor, runtime::TaskGroup& tasks)
    : parts_(std::move(parts)),
      accounts_(accounts),
      processor_(processor),
      tasks_(tasks),
      poll_ended_(parts_.loop),
      backoff_(std::random_device{}()) {}

Task<void> Scheduler::prepare() {
    for (const auto& [name, account] : accounts_) {
        std::vector<WatchKey> standing = account->provider().standing_watches();
        const WallTime now = parts_.clock.schedule_now();
        co_await parts_.state.sync_watches(name, std::move(standing), now);
    }
}

Task<void> Scheduler::run() {
    int failures = 0;
    while (!stopping_) {
        WallTime next = parts_.clock.schedule_now();
        try {
            next = co_await claim_and_start();
            failures = 0;
        } catch (const Error& error) {
            next += backoff_.between(milliseconds{200}, seconds{10}, ++failures);
            parts_.observer.loop_troubled("scheduler", error);
        }
        if (!stopping_) co_await parts_.clock.sleep_until(next, wake_);
    }
    while (!under_way_.empty())
        co_await poll_ended_.wait();
}

void Scheduler::stop() {
    stopping_ = true;
    wake_.set();
}

// Starts what is due and tells when to look again.
Task<WallTime> Scheduler::claim_and_start() {
    last_round_ = parts_.clock.schedule_now();
    while (under_way_.size() >= most_polls_at_once)
        co_await poll_ended_.wait();

    ClaimWatches claim;
    std::vector<std::string> names;
    claim.now = parts_.clock.schedule_now();
    claim.limit = most_polls_at_once - under_way_.size();
    for (const auto& [name, account] : accounts_) {
        ClaimWatches::Account terms;
        terms.account = name;
        terms.unanswered_wait = claim_length(account->terms());
        claim.accounts.push_back(std::move(terms));
        names.push_back(name);
    }
    const std::size_t limit = claim.limit;
    const WallTime claimed_at = claim.now;
    std::vector<Watch> due = co_await parts_.state.claim_due_watches(std::move(claim));
    if (!due.empty()) parts_.progress.reached(Step::watch_claimed);
    for (Watch& watch : due) {
        if (!under_way_.insert(watch.id).second) continue;
        Account& account = *accounts_.at(watch.key.account);
        const WallTime claimed_until = claimed_at + claim_length(account.terms());
        tasks_.spawn("poll " + watch.key.account, poll_watch(account, std::move(watch), claimed_until));
    }
    if (due.size() == limit) co_return parts_.clock.schedule_now();
    const WallTime nap = parts_.clock.schedule_now() + longest_nap;
    const std::optional<WallTime> next = co_await parts_.state.next_due(std::move(names));
    co_return std::min(nap, next.value_or(nap));
}

Task<void> Scheduler::poll_watch(Account& account, Watch watch, WallTime claimed_until) {
    const WatchId id = watch.id;
    try {
        co_await drain(account, watch, claimed_until);
    } catch (const Error& error) {
        // The row still says that a poll may be under way: nobody polls before that has run out.
        parts_.observer.loop_troubled("poll", error);
    }
    under_way_.erase(id);
    poll_ended_.notify_all();
}

Task<void> Scheduler::drain(Account& account, Watch& watch, WallTime claimed_until) {
    QueueGate& gate = account.gate(watch.id);
    for (bool again = true; again;) {
        co_await account.enter_flight();
        InFlight flight(account);
        co_await gate.open_poll();
        OpenPoll open_poll(gate);
        co_await account.budget().take();
        if (stopping_) {
            SettleWatch unpolled;
            unpolled.watch = watch.id;
            unpolled.due_at = unpolled.settled_at = parts_.clock.schedule_now();
            unpolled.memory = watch.memory;
            co_await settle(std::move(unpolled));
            co_return;
        }
        if (parts_.clock.schedule_now() < watch.due_at) {
            parts_.observer.poll_before_permitted(watch.key);
            co_return;
        }
        co_await renew_claim(account, watch, claimed_until);
        Answer answer = co_await poll_once(account, watch);
        parts_.progress.reached(Step::poll_answered);

        again = answer.more_at_once() && !stopping_;
        SettleWatch settlement = settlement_for(account, watch, answer);
        report(watch, answer, settlement.due_at);
        if (answer.result) {
            PollResult& result = *answer.result;
            co_await hand_over(account, watch, std::move(result), std::move(flight), std::move(open_poll));
        }
        if (!again) co_await settle(std::move(settlement));
    }
}

Task<Scheduler::Answer> Scheduler::poll_once(Account& account, Watch watch) {
    Answer answer;
    answer.sent_at = parts_.clock.schedule_now();
    try {
        answer.result = co_await account.provider().poll(std::move(watch));
    } catch (const Error& error) {
        answer.failure = error;
    }
    answer.came_at = parts_.clock.schedule_now();
    co_return answer;
}

Task<void> Scheduler::renew_claim(Account& account, const Watch& watch, WallTime& claimed_until) {
    const AccountTerms& terms = account.terms();
    const WallTime now = parts_.clock.schedule_now();
    if (claimed_until >= now + terms.unanswered_wait) co_return;
    claimed_until = now + claim_length(terms);
    SettleWatch renewal;
    renewal.watch = watch.id;
    renewal.due_at = claimed_until;
    renewal.memory = watch.memory;
    renewal.settled_at = now;
    co_await parts_.state.settle_watch(std::move(renewal));
}

// Gives every update a place in flight and starts its line; keeps an unreadable answer.
Task<void> Scheduler::hand_over(
    Account& account, const Watch& watch, PollResult result, InFlight flight, OpenPoll open_poll) {
    if (result.unreadable) {
        parts_.observer.answer_unreadable(watch.key, result.unreadable->code);
        co_await parts_.state.record_unreadable(watch.key.account, std::move(*result.unreadable), parts_.clock.now());
    }
    bool first = true;
    for (StatusUpdate& update : result.updates) {
        update.watch = watch.id;
        if (!first) {
            co_await account.enter_flight();
            flight = InFlight(account);
            open_poll = OpenPoll();
        }
        first = false;
        tasks_.spawn("line " + watch.key.account,
                     processor_.take(account, std::move(update), std::move(flight), std::move(open_poll)));
    }
}

Task<void> Scheduler::settle(SettleWatch settlement) {
    const WallTime due_at = settlement.due_at;
    co_await parts_.state.settle_watch(std::move(settlement));
    parts_.progress.reached(Step::watch_settled);
    if (due_at < last_round_ + longest_nap) wake_.set();
}

SettleWatch Scheduler::settlement_for(const Account& account, Watch& watch, const Answer& answer) {
    milliseconds wait{0};
    SettleWatch settlement;
    if (answer.result) {
        watch.memory = answer.result->memory;
        watch.memory.errors = 0;
        wait = answer.result->wait;
        settlement.answered =
            answer.result->verdict == PollVerdict::updated || answer.result->verdict == PollVerdict::empty;
        settlement.defer_account = answer.result->wait_for_account;
    } else {
        ++watch.memory.errors;
        wait = backoff_.after(*answer.failure, watch.memory.errors, account.terms());
    }
    settlement.watch = watch.id;
    settlement.memory = watch.memory;
    settlement.settled_at = answer.came_at;
    settlement.due_at = wait > milliseconds{0} ? answer.came_at + wait + milliseconds{1} : answer.came_at;
    return settlement;
}

void Scheduler::report(const Watch& watch, const Answer& answer, WallTime next_due) {
    if (answer.failure) {
        failing_[watch.key.account] = answer.failure->code();
        parts_.observer.poll_failed(watch.key, *answer.failure, next_due);
        return;
    }
    failing_.erase(watch.key.account);
    PollReport report;
    report.verdict = answer.result->verdict;
    report.duration = duration_cast<microseconds>(answer.came_at - answer.sent_at);
    report.lateness = answer.sent_at - watch.due_at;
    report.next_due = next_due;
    report.clock_skew = answer.result->clock_skew;
    report.permitted_time_missing = answer.result->permitted_time_missing;
    report.permitted_time_capped = answer.result->permitted_time_capped;
    parts_.observer.poll_finished(watch.key, report);
}

}  // namespace signwatch::pipeline
