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

// Of a sweep, before others have their turn.
constexpr int most_pages = 1'000;

bool is_news(const Watch& watch, const PollResult& result) {
    return !result.updates.empty() && result.updates.front().fingerprint != watch.seen;
}

bool ends(const PollResult& result) {
    return !result.updates.empty() && result.updates.front().ends_watch;
}

CallPurpose purpose_of(const Watch& watch) {
    return watch.hurried ? CallPurpose::hint : CallPurpose::look;
}

// The same question about a process; queues and sweeps go on from where they were.
bool may_not_repeat(const Account& account, const WatchKey& key) {
    return key.kind == WatchKind::process && account.terms().repeat_gap > milliseconds{0};
}

}  // namespace

milliseconds claim_length(const AccountTerms& terms) {
    const milliseconds wait = std::max(terms.unanswered_wait, terms.repeat_gap);
    return wait + std::max<milliseconds>(milliseconds{100}, wait / 10);
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
      hints_(parts_, [this] { on_settled_(parts_.clock.schedule_now()); }),
      backoff_(std::random_device{}()) {}

Task<void> Poller::poll(Account& account, Watch watch, WallTime claimed_until) {
    try {
        if (watch.key.kind == WatchKind::process)
            co_await look(account, watch, claimed_until);
        else if (watch.key.kind == WatchKind::sweep)
            co_await sweep(account, watch, claimed_until);
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

Task<void> Poller::sweep(Account& account, Watch& watch, WallTime claimed_until) {
    bool again = true;
    for (int page = 1; again; ++page) {
        const bool may = co_await may_ask(account, watch, claimed_until);
        if (!may) co_return;
        Answer answer = co_await ask(account, watch);
        parts_.progress.reached(Step::poll_answered);
        again = answer.next_page() && page < most_pages && !stopping_;
        SettleWatch settlement = settlement_for(account, watch, answer);
        report(account, watch, answer, settlement.due_at);
        if (answer.result) {
            PollResult& result = *answer.result;
            co_await keep_unreadable(watch, result);
            co_await tell(account, watch, result);
            if (result.bookmark) watch.bookmark = *result.bookmark;
        }
        if (again)
            co_await turn_page(account, std::move(settlement), claimed_until);
        else
            co_await settle(std::move(settlement));
    }
}

Task<void> Poller::look(Account& account, Watch& watch, WallTime claimed_until) {
    if (watch.attempts >= most_deadly_looks) {
        co_await park(account, watch, "watch_deadly");
        co_return;
    }
    if (watch.said_ended) {
        const bool under_way = co_await fetch_at_once(account, watch);
        if (under_way) co_return;
    }
    const bool may = co_await may_ask(account, watch, claimed_until);
    if (!may) co_return;
    Answer answer = co_await ask(account, watch);
    parts_.progress.reached(Step::poll_answered);

    SettleWatch settlement = settlement_for(account, watch, answer);
    const bool in_vain =
        answer.failure && is_in_vain(*answer.failure) && watch.memory.errors >= account.terms().max_attempts;
    report(account, watch, answer, settlement.due_at);
    if (in_vain && !watch.hurried) {
        co_await park(account, watch, answer.failure->code());
        co_return;
    }
    if (answer.result) {
        PollResult& result = *answer.result;
        settlement.ends = ends(result);
        settlement.goes_on = watch.said_restarted && !result.updates.empty() && !settlement.ends;
        co_await keep_unreadable(watch, result);
        co_await tell(account, watch, result);
        if (is_news(watch, result)) co_await record_news(account, watch, result);
    }
    co_await settle(std::move(settlement));
}

// Who says that a process has ended is not believed, but one call for all of it is cheaper than a look before. False:
// it has to be looked at.
Task<bool> Poller::fetch_at_once(Account& account, const Watch& watch) {
    std::optional<StatusUpdate> update = account.provider().presume_ended(watch);
    if (!update) co_return false;
    update->watch = watch.id;
    update->via = watch.via;
    std::optional<PendingUpdate> pending = co_await processor_.record(std::move(*update));
    if (!pending) {
        co_await settle_fetched(account, watch);
        co_return true;
    }
    co_await account.enter_flight();
    InFlight flight(account);
    tasks_.spawn("line " + watch.key.account, fetch(account, watch, std::move(*pending), std::move(flight)));
    co_return true;
}

// The fetch is the look: what is hinted at until it has ended waits for it, and is no news if that was the end.
Task<void> Poller::fetch(Account& account, Watch watch, PendingUpdate pending, InFlight flight) {
    try {
        co_await processor_.follow(account, std::move(pending), std::move(flight));
        co_await settle_fetched(account, watch);
    } catch (const Error& error) {
        parts_.observer.loop_troubled("poll", error);
    }
}

Task<void> Poller::settle_fetched(const Account& account, const Watch& watch) {
    SettleWatch settlement;
    settlement.watch = watch.id;
    settlement.memory = watch.memory;
    settlement.due_at = settlement.settled_at = parts_.clock.schedule_now();
    settlement.hurried = settlement.answered = true;
    if (may_not_repeat(account, watch.key)) settlement.repeat_from = settlement.settled_at + account.terms().repeat_gap;
    co_await settle(std::move(settlement));
}

// What an answer says beyond its updates; durable when it returns.
Task<void> Poller::tell(Account& account, const Watch& watch, PollResult& result) {
    if (result.webhooks_work) parts_.observer.webhooks_seen(watch.key.account, *result.webhooks_work);
    std::vector<NotificationId> none;
    co_await hints_.apply(account, std::move(result.hints), Via::sweep, std::move(none));
    if (result.due_now.empty()) co_return;
    co_await parts_.state.hurry_watches(std::move(result.due_now), parts_.clock.schedule_now());
    on_settled_(parts_.clock.schedule_now());
}

// Waits for its turn. False: not now, and the watch is left as it was.
Task<bool> Poller::may_ask(Account& account, const Watch& watch, WallTime& claimed_until) {
    std::optional<Error> refusal;
    try {
        co_await account.budget().take(purpose_of(watch));
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::throttled) throw;
        refusal = error;
    }
    const WallTime now = parts_.clock.schedule_now();
    if (refusal || stopping_) {
        const milliseconds wait = refusal ? refusal->retry_after().value_or(milliseconds{0}) : milliseconds{0};
        co_await leave(account, watch, now + wait);
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
    if (may_not_repeat(account, watch.key)) renewal.repeat_from = claimed_until;
    co_await parts_.state.settle_watch(std::move(renewal));
}

// The page's bookmark is durable, and the claim as long as it was: the next page follows at once.
Task<void> Poller::turn_page(Account& account, SettleWatch settlement, WallTime& claimed_until) {
    claimed_until = parts_.clock.schedule_now() + claim_length(account.terms());
    settlement.due_at = claimed_until;
    settlement.under_way = true;
    co_await parts_.state.settle_watch(std::move(settlement));
}

// Gives every update a place in flight and starts its line.
Task<void> Poller::hand_over(
    Account& account, const Watch& watch, PollResult result, InFlight flight, OpenPoll open_poll) {
    bool first = true;
    for (StatusUpdate& update : result.updates) {
        update.watch = watch.id;
        update.via = watch.via;
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
    update.via = watch.via;
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

Task<void> Poller::leave(const Account& account, const Watch& watch, WallTime due_at) {
    SettleWatch unpolled;
    unpolled.watch = watch.id;
    unpolled.due_at = due_at;
    unpolled.settled_at = parts_.clock.schedule_now();
    unpolled.memory = watch.memory;
    unpolled.hurried = watch.hurried;
    unpolled.refused = true;
    // Nobody asked: the claim's own stay is over.
    if (may_not_repeat(account, watch.key)) unpolled.repeat_from = unpolled.settled_at;
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
    if (may_not_repeat(account, watch.key)) {
        settlement.repeat_from = answer.came_at + account.terms().repeat_gap + milliseconds{1};
        settlement.due_at = std::max(settlement.due_at, *settlement.repeat_from);
    }
    if (answer.result) settlement.bookmark = answer.result->bookmark;
    // An extra look in vain is over too: the regular ones will tell.
    if (watch.hurried && answer.failure && is_in_vain(*answer.failure)) settlement.answered = true;
    return settlement;
}

milliseconds Poller::wait_after(Account& account, const Watch& watch, const Answer& answer) {
    if (answer.failure) return backoff_.after(*answer.failure, watch.memory.errors, account.terms());
    const milliseconds wait = answer.result->wait;
    if (watch.key.kind != WatchKind::process || wait <= milliseconds{0}) return wait;
    return backoff_.spread(account.budget().wait_for(wait));
}

void Poller::report(Account& account, const Watch& watch, const Answer& answer, WallTime next_due) {
    CircuitBreaker& breaker = account.breaker();
    const bool was_open = breaker.open();
    if (answer.failure) {
        if (watch.key.kind != WatchKind::queue && is_the_account(*answer.failure))
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
