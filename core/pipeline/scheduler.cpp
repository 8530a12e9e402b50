#include "core/pipeline/scheduler.hpp"

#include <algorithm>
#include <utility>

namespace signwatch::pipeline {
namespace {

using std::chrono::seconds;

// Another process (signwatch process add, poll-now) may make a watch due at any time.
constexpr milliseconds longest_nap = seconds{2};
constexpr milliseconds budget_interval = seconds{2};

// A claim is a transaction: while many looks are under way, the next wait until this part of the places is free.
constexpr std::size_t worthwhile_part = 8;

}  // namespace

std::vector<std::string> names_of(const Accounts& accounts) {
    std::vector<std::string> names;
    for (const auto& [name, account] : accounts)
        names.push_back(name);
    return names;
}

Scheduler::Scheduler(LineParts parts, Accounts& accounts, UpdateProcessor& processor, runtime::TaskGroup& tasks)
    : parts_(std::move(parts)),
      accounts_(accounts),
      tasks_(tasks),
      poller_(parts_, processor, tasks, stopping_, [this](WallTime due_at) { settled(due_at); }),
      loop_("scheduler", parts_.clock, parts_.observer),
      poll_ended_(parts_.loop) {}

Task<void> Scheduler::prepare() {
    for (const auto& [name, account] : accounts_) {
        std::vector<WatchKey> standing = account->provider().standing_watches();
        const WallTime now = parts_.clock.schedule_now();
        co_await parts_.state.sync_watches(name, std::move(standing), now);
        co_await account->budget().load();
    }
    co_await look_at_budgets();
}

Task<void> Scheduler::run() {
    std::function<Task<WallTime>()> round = [this] { return claim_and_start(); };
    co_await loop_.run(std::move(round));
    while (!under_way_.empty())
        co_await poll_ended_.wait();
}

void Scheduler::stop() {
    stopping_ = true;
    loop_.stop();
}

// Starts what is due and tells when to look again.
Task<WallTime> Scheduler::claim_and_start() {
    const WallTime now = parts_.clock.schedule_now();
    WallTime next = now + longest_nap;
    if (now >= budgets_seen_ + budget_interval) co_await look_at_budgets();

    ClaimWatches claim;
    std::vector<std::string> names;
    claim.now = now;
    for (const auto& [name, account] : accounts_) {
        ClaimWatches::Account terms = places(*account, now, next);
        if (terms.limit == 0) continue;
        // Regular looks that have to wait are due all the time: they must not keep us awake.
        if (terms.regular > 0) names.push_back(name);
        claim.accounts.push_back(std::move(terms));
    }
    if (claim.accounts.empty()) co_return next;
    std::vector<Watch> due = co_await parts_.state.claim_due_watches(std::move(claim));
    if (!due.empty()) parts_.progress.reached(Step::watch_claimed);
    for (Watch& watch : due) {
        if (!under_way_.insert(watch.id).second) continue;
        Account& account = *accounts_.at(watch.key.account);
        account.poll_begun();
        const WallTime claimed_until = now + claim_length(account.terms());
        tasks_.spawn("poll " + watch.key.account, poll_watch(account, std::move(watch), claimed_until));
    }
    const std::optional<WallTime> due_next = co_await parts_.state.next_due(std::move(names));
    if (due_next) next = std::min(next, *due_next);
    co_return next;
}

// Looks that somebody hinted at wait for no even spread over the month, only for a call that may be made at all.
ClaimWatches::Account Scheduler::places(Account& account, WallTime now, WallTime& next) const {
    const AccountTerms& terms = account.terms();
    const CallBudget& budget = account.budget();
    ClaimWatches::Account places;
    places.account = terms.account;
    places.unanswered_wait = claim_length(terms);
    places.repeat_gap = terms.repeat_gap;
    const auto most = static_cast<std::size_t>(terms.max_polls);
    const std::size_t free = most - std::min(most, account.polls());
    const bool counts_looks = terms.process_interval > milliseconds{0};
    if (free == 0 || (counts_looks && free < most / worthwhile_part)) {
        places.limit = places.regular = 0;
        return places;
    }
    const auto closed = [&](CallPurpose purpose) {
        const milliseconds wait = counts_looks ? budget.closed(purpose) : milliseconds{0};
        if (wait > milliseconds{0}) next = std::min(next, now + wait);
        return wait > milliseconds{0};
    };
    places.limit = account.breaker().admits(now, free, account.polls());
    if (places.limit == 0) next = std::min(next, std::max(now + milliseconds{1}, account.breaker().opens_again()));
    if (closed(CallPurpose::fetch)) places.limit = 0;
    places.regular = closed(CallPurpose::look) ? 0 : budget.at_once(places.limit);
    return places;
}

Task<void> Scheduler::poll_watch(Account& account, Watch watch, WallTime claimed_until) {
    const WatchId id = watch.id;
    co_await poller_.poll(account, std::move(watch), claimed_until);
    under_way_.erase(id);
    account.poll_ended();
    poll_ended_.notify_all();
    loop_.wake();
}

// Registering and ending change how many share a budget.
Task<void> Scheduler::look_at_budgets() {
    for (const auto& [name, account] : accounts_) {
        if (account->terms().process_interval <= milliseconds{0}) continue;
        const std::size_t watches = co_await parts_.state.count_watches(name);
        account->budget().set_watches(watches);
        co_await account->budget().refresh();
        parts_.observer.budget_seen(name, watches, account->budget().state());
    }
    budgets_seen_ = parts_.clock.schedule_now();
}

void Scheduler::settled(WallTime due_at) {
    if (due_at < loop_.last_round() + longest_nap) loop_.wake();
}

}  // namespace signwatch::pipeline
