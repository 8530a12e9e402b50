#include "core/pipeline/poller.hpp"

#include <algorithm>
#include <utility>

#include "core/pipeline/watch_trouble.hpp"

namespace signwatch::pipeline {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;

// Looks that ended the daemon itself: then it is the process, not the weather.
constexpr int most_deadly_looks = 10;

bool is_news(const Watch& watch, const PollResult& result) {
    return !result.updates.empty() && result.updates.front().fingerprint != watch.seen;
}

bool ends(const PollResult& result) {
    return !result.updates.empty() && result.updates.front().ends_watch;
}

}  // namespace

milliseconds claim_length(const AccountTerms& terms) {
    return terms.unanswered_wait + std::max<milliseconds>(milliseconds{100}, terms.unanswered_wait / 10);
}

Poller::Poller(LineParts parts,
               UpdateProcessor& processor,
               runtime::TaskGroup& tasks,
               const bool& stopping,
               std::function<void(WallTime)> on_settled)
    : parts_(std::move(parts)),
      processor_(processor),
      tasks_(tasks),
      stopping_(stopping),
      on_settled_(std::move(on_settled)),
      backoff_(std::random_device{}()) {}

Task<void> Poller::poll(Account& account, Watch watch, WallTime claimed_until) {
    try {
        if (watch.key.kind == WatchKind::process)
            co_await look(account, watch, claimed_until);
        else
            co_await drain(account, watch, claimed_until);
    } catch (const Error& error) {
        parts_.observer.loop_troubled("poll", error);
    }
}

Task<void> Poller::drain(Account& account, Watch& watch, WallTime claimed_until) {
    QueueGate& gate = account.gate(watch.id);
    for (bool again = true; again;) {
        co_await account.enter_flight();
        InFlight flight(account);
        co_await gate.open_poll();
        OpenPoll open_poll(gate);
        const bool may = co_await may_ask(account, watch, claimed_until);
        if (!may) co_return;
        Answer answer = co_await ask(account, watch);
        parts_.progress.reached(Step::poll_answered);

        again = answer.more_at_once() && !stopping_;
        SettleWatch settlement = settlement_for(account, watch, answer);
        report(account, watch, answer, settlement.due_at);
        if (answer.result) {
            PollResult& result = *answer.result;
            co_await keep_unreadable(watch, result);
            co_await hand_over(account, watch, std::move(result), std::move(flight), std::move(open_poll));
        }
        if (!again) co_await settle(std::move(settlement));
    }
}

Task<void> Poller::look(Account& account, Watch& watch, WallTime claimed_until) {
    if (watch.attempts >= most_deadly_looks) {
        co_await park(account, watch, "watch_deadly");
        co_return;
    }
    const bool may = co_await may_ask(account, watch, claimed_until);
    if (!may) co_return;
    Answer answer = co_await ask(account, watch);
    parts_.progress.reached(Step::poll_answered);

    SettleWatch settlement = settlement_for(account, watch, answer);
    const bool in_vain =
        answer.failure && is_in_vain(*answer.failure) && watch.memory.errors >= account.terms().max_attempts;
    report(account, watch, answer, settlement.due_at);
    if (in_vain) {
        co_await park(account, watch, answer.failure->code());
        co_return;
    }
    if (answer.result) {
        PollResult& result = *answer.result;
        settlement.ends = ends(result);
        co_await keep_unreadable(watch, result);
        if (is_news(watch, result)) co_await record_news(account, watch, result);
    }
    co_await settle(std::move(settlement));
}

// Waits for its turn. False: not now, and the watch is left as it was.
Task<bool> Poller::may_ask(Account& account, const Watch& watch, WallTime& claimed_until) {
    std::optional<Error> refusal;
    try {
        co_await account.budget().take(CallPurpose::look);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::throttled) throw;
        refusal = error;
    }
    const WallTime now = parts_.clock.schedule_now();
    if (refusal || stopping_) {
        const milliseconds wait = refusal ? refusal->retry_after().value_or(milliseconds{0}) : milliseconds{0};
        co_await leave(watch, now + wait);
        co_return false;
    }
    if (now < watch.due_at) {
        parts_.observer.poll_before_permitted(watch.key);
        co_return false;
    }
    co_await renew_claim(account, watch, claimed_until);
    co_return true;
}

Task<Poller::Answer> Poller::ask(Account& account, Watch watch) {
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

Task<void> Poller::renew_claim(Account& account, const Watch& watch, WallTime& claimed_until) {
    const AccountTerms& terms = account.terms();
    const WallTime now = parts_.clock.schedule_now();
    if (claimed_until >= now + terms.unanswered_wait) co_return;
    claimed_until = now + claim_length(terms);
    SettleWatch renewal;
    renewal.watch = watch.id;
    renewal.due_at = claimed_until;
    renewal.memory = watch.memory;
    renewal.settled_at = now;
    renewal.hurried = watch.hurried;
    renewal.under_way = true;
    co_await parts_.state.settle_watch(std::move(renewal));
}

// Gives every update a place in flight and starts its line.
Task<void> Poller::hand_over(
    Account& account, const Watch& watch, PollResult result, InFlight flight, OpenPoll open_poll) {
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

Task<void> Poller::keep_unreadable(const Watch& watch, PollResult& result) {
    if (!result.unreadable) co_return;
    parts_.observer.answer_unreadable(watch.key, result.unreadable->code);
    co_await parts_.state.record_unreadable(watch.key.account, std::move(*result.unreadable), parts_.clock.now());
}

// Before the watch is settled: after a crash in between, the look is repeated soon instead of an interval later.
Task<void> Poller::record_news(Account& account, const Watch& watch, PollResult& result) {
    StatusUpdate& update = result.updates.front();
    update.watch = watch.id;
    std::optional<PendingUpdate> pending = co_await processor_.record(std::move(update));
    if (!pending) co_return;
    co_await account.enter_flight();
    InFlight flight(account);
    tasks_.spawn("line " + watch.key.account, processor_.follow(account, std::move(*pending), std::move(flight)));
}

// Tells people and consumers, and looks no more until an operator orders a retry.
Task<void> Poller::park(Account& account, const Watch& watch, std::string code) {
    parts_.observer.watch_parked(watch.key, code);
    StatusUpdate notice = parked_watch_notice(watch, account.terms().provider, code);
    std::optional<PendingUpdate> pending = co_await processor_.record(std::move(notice));
    SettleWatch settlement;
    settlement.watch = watch.id;
    settlement.memory = watch.memory;
    settlement.due_at = settlement.settled_at = parts_.clock.schedule_now();
    settlement.hurried = watch.hurried;
    settlement.ends = settlement.parks = true;
    co_await settle(std::move(settlement));
    if (!pending) co_return;
    co_await account.enter_flight();
    InFlight flight(account);
    tasks_.spawn("line " + watch.key.account, processor_.follow(account, std::move(*pending), std::move(flight)));
}

Task<void> Poller::leave(const Watch& watch, WallTime due_at) {
    SettleWatch unpolled;
    unpolled.watch = watch.id;
    unpolled.due_at = due_at;
    unpolled.settled_at = parts_.clock.schedule_now();
    unpolled.memory = watch.memory;
    unpolled.hurried = watch.hurried;
    co_await settle(std::move(unpolled));
}

Task<void> Poller::settle(SettleWatch settlement) {
    const WallTime due_at = settlement.due_at;
    co_await parts_.state.settle_watch(std::move(settlement));
    parts_.progress.reached(Step::watch_settled);
    on_settled_(due_at);
}

SettleWatch Poller::settlement_for(Account& account, Watch& watch, const Answer& answer) {
    SettleWatch settlement;
    if (answer.result) {
        const PollVerdict verdict = answer.result->verdict;
        watch.memory = answer.result->memory;
        watch.memory.errors = 0;
        settlement.answered = verdict == PollVerdict::updated || verdict == PollVerdict::empty;
        settlement.defer_account = answer.result->wait_for_account;
    } else {
        ++watch.memory.errors;
    }
    const milliseconds wait = wait_after(account, watch, answer);
    settlement.watch = watch.id;
    settlement.memory = watch.memory;
    settlement.settled_at = answer.came_at;
    settlement.hurried = watch.hurried;
    settlement.due_at = wait > milliseconds{0} ? answer.came_at + wait + milliseconds{1} : answer.came_at;
    return settlement;
}

milliseconds Poller::wait_after(Account& account, const Watch& watch, const Answer& answer) {
    if (answer.failure) return backoff_.after(*answer.failure, watch.memory.errors, account.terms());
    const milliseconds wait = answer.result->wait;
    if (watch.key.kind != WatchKind::process || wait <= milliseconds{0}) return wait;
    return backoff_.spread(account.budget().affordable(wait));
}

void Poller::report(Account& account, const Watch& watch, const Answer& answer, WallTime next_due) {
    CircuitBreaker& breaker = account.breaker();
    const bool was_open = breaker.open();
    if (answer.failure) {
        if (watch.key.kind == WatchKind::process && is_the_account(*answer.failure))
            breaker.failed(answer.came_at, backoff_, account.terms());
        if (breaker.open() != was_open) parts_.observer.circuit_changed(watch.key.account, true);
        failing_[watch.key.account] = answer.failure->code();
        parts_.observer.poll_failed(watch.key, *answer.failure, next_due);
        return;
    }
    breaker.succeeded();
    if (was_open) parts_.observer.circuit_changed(watch.key.account, false);
    failing_.erase(watch.key.account);
    PollReport report;
    report.verdict = answer.result->verdict;
    if (watch.key.kind == WatchKind::process && report.verdict == PollVerdict::updated &&
        !is_news(watch, *answer.result))
        report.verdict = PollVerdict::empty;
    report.duration = duration_cast<microseconds>(answer.came_at - answer.sent_at);
    report.lateness = answer.sent_at - watch.due_at;
    report.next_due = next_due;
    report.clock_skew = answer.result->clock_skew;
    report.permitted_time_missing = answer.result->permitted_time_missing;
    report.permitted_time_capped = answer.result->permitted_time_capped;
    parts_.observer.poll_finished(watch.key, report);
}

}  // namespace signwatch::pipeline
