#include "core/pipeline/call_budget.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/domain/error.hpp"

namespace signwatch::pipeline {
namespace {

constexpr milliseconds patience = std::chrono::seconds{30};
constexpr milliseconds month = std::chrono::hours{24 * 31};

// In intervals: what is looked at less often than that waits in the queue, not in the schedule.
constexpr int longest_queue = 4;

}  // namespace

CallBudget::CallBudget(std::string key, Clock& clock, CallJournal& journal, const AccountTerms& terms)
    : key_(std::move(key)), clock_(clock), journal_(journal), ledger_(terms.limits) {
    adopt(terms);
}

void CallBudget::adopt(const AccountTerms& terms) {
    const double rate = terms.calls_per_second;
    gap_ = milliseconds{rate > 0 ? static_cast<std::int64_t>(std::ceil(1000.0 / rate)) : 0};
    interval_ = terms.process_interval;
    ledger_.set_limits(terms.limits);
}

Task<void> CallBudget::load() {
    if (loaded_) co_return;
    const std::vector<CallCount> counts = co_await journal_.call_counts(key_);
    ledger_.load(counts, clock_.schedule_now());
    loaded_ = true;
}

Task<void> CallBudget::refresh() {
    SharedBudgets* const shared = journal_.shared_budgets();
    if (shared == nullptr) co_return;
    const std::vector<CallCount> counts = co_await journal_.call_counts(key_);
    ledger_ = CallLedger(ledger_.limits());
    ledger_.load(counts, clock_.schedule_now());
}

Task<void> CallBudget::take(CallPurpose purpose) {
    SharedBudgets* const shared = journal_.shared_budgets();
    if (shared == nullptr)
        co_await take_alone(purpose);
    else
        co_await take_with_others(purpose, *shared);
}

CallTerms CallBudget::terms_of(CallPurpose purpose) const {
    CallTerms terms;
    terms.limits = ledger_.limits();
    terms.reserve = kept_from(purpose);
    terms.gap = gap_;
    terms.look_gap = look_gap();
    terms.look = purpose == CallPurpose::look;
    terms.held_until = held_until_;
    return terms;
}

Task<SharedCalls> CallBudget::decide(SharedBudgets& shared, CallJudge judge) {
    SharedCalls calls = co_await shared.decide(key_, std::move(judge), clock_.schedule_now());
    held_until_ = std::max(held_until_, calls.held_until);
    last_look_ = calls.last_look;
    ledger_ = CallLedger(ledger_.limits());
    ledger_.load(calls.counts, clock_.schedule_now());
    ledger_.recall(calls.recent);
    co_return calls;
}

// Other daemons call on the same budget: the store decides, one call at a time.
Task<void> CallBudget::take_with_others(CallPurpose purpose, SharedBudgets& shared) {
    for (;;) {
        const WallTime asked = clock_.schedule_now();
        const WallTime now = asked + lead_;
        const CallTerms terms = terms_of(purpose);
        CallVerdict verdict;
        CallJudge judge = [&verdict, terms, now](SharedCalls& calls) { verdict = judge_call(calls, terms, now); };
        co_await decide(shared, std::move(judge));
        if (is_missed(verdict, clock_.schedule_now() - asked)) continue;
        if (!verdict.slot && verdict.wait > patience) {
            throw Error(ErrorKind::throttled, "budget_spent", "the calls this account may make are used up")
                .with_retry_after(verdict.wait);
        }
        const WallTime until = verdict.slot.value_or(now + verdict.wait);
        Wake never;
        if (until > now) co_await clock_.sleep_until(until, never);
        // A block that came while we waited: the call is counted and never made.
        if (verdict.slot && held_until_ <= clock_.schedule_now()) co_return;
    }
}

Task<void> CallBudget::take_alone(CallPurpose purpose) {
    for (;;) {
        const milliseconds wait = closed(purpose);
        if (wait > patience) {
            throw Error(ErrorKind::throttled, "budget_spent", "the calls this account may make are used up")
                .with_retry_after(wait);
        }
        const WallTime now = clock_.schedule_now();
        const WallTime slot = std::max(now + wait, next_);
        next_ = slot + gap_;
        if (slot > now) {
            Wake never;
            co_await clock_.sleep_until(slot, never);
            if (closed(purpose) > milliseconds{0}) continue;
        }
        break;
    }
    if (purpose == CallPurpose::look) last_look_ = clock_.schedule_now();
    co_await count();
}

// Slots that have passed before we heard of them would be used all at once. The next one lies so far ahead that it can
// be kept; what was missed stays counted.
bool CallBudget::is_missed(const CallVerdict& verdict, milliseconds took) {
    const WallTime latest = clock_.schedule_now() - gap_ / 2;
    const bool missed = gap_ > milliseconds{0} && verdict.slot && *verdict.slot < latest;
    lead_ = missed ? took + took / 2 : lead_ - lead_ / 64;
    return missed;
}

// Counted before it is made: a crash may count a call that never was, and never forgets one.
Task<void> CallBudget::count() {
    if (ledger_.unlimited()) co_return;
    const WallTime now = clock_.schedule_now();
    std::vector<CallCount> calls = ledger_.add(now);
    if (calls.empty()) co_return;
    co_await journal_.count_calls(key_, std::move(calls), now);
}

Task<void> CallBudget::hold_for(milliseconds delay) {
    held_until_ = std::max(held_until_, clock_.schedule_now() + delay);
    SharedBudgets* const shared = journal_.shared_budgets();
    if (shared == nullptr) co_return;
    const WallTime held_until = held_until_;
    CallJudge judge = [held_until](SharedCalls& calls) { calls.held_until = std::max(calls.held_until, held_until); };
    co_await decide(*shared, std::move(judge));
}

milliseconds CallBudget::closed(CallPurpose purpose) const {
    const WallTime now = clock_.schedule_now();
    milliseconds wait = std::max(milliseconds{0}, held_until_ - now);
    wait = std::max(wait, ledger_.wait(now, kept_from(purpose)));
    if (purpose == CallPurpose::look) wait = std::max(wait, last_look_ + look_gap() - now);
    return wait;
}

// Each process that is still open may end within the month and then needs a call of its own. Where nobody tells us,
// half the month at least goes into finding out.
int CallBudget::reserve() const {
    const int per_month = ledger_.limits().per_month;
    return std::min(watches_, hints_expected_ ? per_month - per_month / 10 : per_month / 2);
}

// Hints of progress must not spend what finds an end that nobody told of: a look at each open process, if the month has
// as many to spare, is left to the looks.
int CallBudget::kept_from(CallPurpose purpose) const {
    if (purpose == CallPurpose::fetch) return 0;
    const int kept = reserve();
    if (purpose == CallPurpose::look || !hints_expected_) return kept;
    const int per_month = ledger_.limits().per_month;
    return kept + std::min({watches_, per_month / 5, (per_month - kept) / 4 * 3});
}

milliseconds CallBudget::affordable(milliseconds interval) const {
    const CallLimits& limits = ledger_.limits();
    const auto over = [this](milliseconds window, int calls) {
        return calls > 0 ? milliseconds{window.count() * watches_ / calls} : milliseconds{0};
    };
    return std::max({interval,
                     over(std::chrono::hours{1}, limits.per_hour),
                     over(std::chrono::hours{24}, limits.per_day),
                     month_round()});
}

// How long a look at each process takes. Where hints are expected, fetches take their share of the month as well, so it
// is what is left that has to last: a month if a look at each is more than that, less the more often it would do for
// all. So it never comes to an end, and the last processes, of which nobody told us, are looked at soon.
milliseconds CallBudget::month_round() const {
    const int per_month = ledger_.limits().per_month;
    if (per_month <= 0) return milliseconds{0};
    const auto lasting = [this](double calls) {
        return static_cast<double>(month.count()) * watches_ / std::max(1.0, calls);
    };
    double round = lasting(per_month - reserve());
    if (hints_expected_) {
        const double left = per_month - reserve() - ledger_.used_in_month(clock_.schedule_now());
        round = std::max(round, lasting(left) * std::min(1.0, watches_ / std::max(1.0, left)));
    }
    return milliseconds{static_cast<std::int64_t>(round)};
}

milliseconds CallBudget::wait_for(milliseconds interval) const {
    return std::min(affordable(interval), longest_queue * interval);
}

// While the month cannot pay for every interval, looks are spread evenly: else the first days would spend it all.
milliseconds CallBudget::look_gap() const {
    if (interval_ <= milliseconds{0} || watches_ == 0) return milliseconds{0};
    const milliseconds affordable_now = affordable(interval_);
    return affordable_now > interval_ ? affordable_now / watches_ : milliseconds{0};
}

std::size_t CallBudget::at_once(std::size_t places) const {
    return look_gap() > milliseconds{0} ? std::min<std::size_t>(places, 1) : places;
}

BudgetState CallBudget::state() const {
    const WallTime now = clock_.schedule_now();
    BudgetState state;
    state.limits = ledger_.limits();
    state.used_in_hour = ledger_.used_in_hour(now);
    state.used_in_day = ledger_.used_in_day(now);
    state.used_in_month = ledger_.used_in_month(now);
    state.reserve = reserve();
    if (interval_ > milliseconds{0}) {
        state.stretch = static_cast<double>(affordable(interval_).count()) / static_cast<double>(interval_.count());
    }
    state.closed = closed(CallPurpose::look);
    return state;
}

}  // namespace signwatch::pipeline
