// What a provider allows in an hour, a day, a month: never exceeded, not even across restarts; and shared out evenly.
#include "core/pipeline/call_budget.hpp"

#include <gtest/gtest.h>

#include "core/pipeline/circuit_breaker.hpp"
#include "core/runtime/task_group.hpp"
#include "tests/fakes/virtual_clock.hpp"

namespace signwatch::pipeline {
namespace {

using namespace std::chrono_literals;
using signwatch::testing::VirtualClock;

struct MemoryJournal : CallJournal {
    std::vector<CallCount> counts;
    int writes = 0;

    Task<std::vector<CallCount>> call_counts(std::string) override { co_return counts; }
    Task<void> count_calls(std::string, std::vector<CallCount> calls, WallTime) override {
        ++writes;
        counts.insert(counts.end(), calls.begin(), calls.end());
        co_return;
    }
};

int most_in(const std::vector<WallTime>& calls, milliseconds window) {
    int most = 0;
    std::size_t first = 0;
    for (std::size_t last = 0; last < calls.size(); ++last) {
        while (calls[last] - calls[first] >= window)
            ++first;
        most = std::max(most, static_cast<int>(last - first + 1));
    }
    return most;
}

struct CallBudgetTest : ::testing::Test {
    boost::asio::io_context loop{1};
    VirtualClock clock{loop};
    runtime::TaskGroup tasks{loop.get_executor(),
                             [](const std::string& name, const std::string& what) { FAIL() << name << ": " << what; }};
    MemoryJournal journal;
    AccountTerms terms;
    std::vector<WallTime> calls;

    CallBudgetTest() { terms.calls_per_second = 0; }

    // Calls as often as it may; waits as long as it is told when the budget is spent.
    Task<void> call_greedily(CallBudget& budget, CallPurpose purpose, WallTime until) {
        co_await budget.load();
        while (clock.schedule_now() < until) {
            std::optional<milliseconds> wait;
            try {
                co_await budget.take(purpose);
            } catch (const Error& error) {
                wait = error.retry_after();
            }
            if (!wait) calls.push_back(clock.schedule_now());
            const WallTime next = clock.schedule_now() + wait.value_or(100ms);
            Wake never;
            co_await clock.sleep_until(next, never);
        }
    }

    Task<void> call_once(CallBudget& budget, CallPurpose purpose, std::vector<WallTime>& made) {
        co_await budget.take(purpose);
        made.push_back(clock.schedule_now());
    }

    void run_greedily(CallPurpose purpose, milliseconds time, int restarts = 0) {
        const milliseconds part = time / (restarts + 1);
        for (int i = 0; i <= restarts; ++i) {
            CallBudget budget("acme", clock, journal, terms);
            tasks.spawn("caller", call_greedily(budget, purpose, clock.schedule_now() + part));
            clock.run_for(part + 32h * 24);
            while (tasks.running() > 0)
                clock.run_for(24h);
        }
    }
};

TEST_F(CallBudgetTest, no_hour_has_more_calls_than_permitted) {
    terms.limits.per_hour = 50;
    run_greedily(CallPurpose::fetch, 24h);
    EXPECT_EQ(most_in(calls, 1h), 50);
    EXPECT_GE(calls.size(), 23U * 50);
}

TEST_F(CallBudgetTest, no_minute_has_more_calls_than_permitted) {
    terms.limits.per_minute = 60;
    run_greedily(CallPurpose::fetch, 10min);
    EXPECT_EQ(most_in(calls, 1min), 60);
    EXPECT_GE(calls.size(), 590U);
}

TEST_F(CallBudgetTest, no_31_days_have_more_calls_than_permitted_though_the_daemon_is_restarted_every_day) {
    terms.limits.per_month = 400;
    terms.limits.per_day = 100;
    run_greedily(CallPurpose::fetch, 24h * 70, 7);
    EXPECT_LE(most_in(calls, 24h * 31), 400);
    EXPECT_LE(most_in(calls, 24h), 100);
    EXPECT_GE(calls.size(), 800U);
}

TEST_F(CallBudgetTest, looks_leave_a_call_for_every_process_that_may_end) {
    terms.calls_per_second = 1;
    terms.limits.per_month = 400;
    CallBudget budget("acme", clock, journal, terms);
    budget.set_watches(100);
    tasks.spawn("looks", call_greedily(budget, CallPurpose::look, clock.schedule_now() + 24h * 20));
    clock.run_for(24h * 60);
    EXPECT_EQ(calls.size(), 300U);
    EXPECT_EQ(budget.state().reserve, 100);
    EXPECT_EQ(budget.closed(CallPurpose::fetch), 0ms);
}

TEST_F(CallBudgetTest, intervals_are_stretched_evenly_when_the_month_cannot_pay_for_them) {
    terms.limits.per_month = 400;
    terms.process_interval = 24h;
    CallBudget budget("acme", clock, journal, terms);
    budget.set_watches(5);
    EXPECT_EQ(budget.affordable(24h), 24h);
    EXPECT_EQ(budget.at_once(8), 8U);
    budget.set_watches(100);
    EXPECT_EQ(budget.affordable(24h), milliseconds{24h} * 31 * 100 / 300);
    EXPECT_NEAR(budget.state().stretch, 10.3, 0.05);
    EXPECT_EQ(budget.at_once(8), 1U);
    tasks.spawn("looks", call_greedily(budget, CallPurpose::look, clock.schedule_now() + 24h * 31));
    clock.run_for(24h * 63);
    ASSERT_GE(calls.size(), 290U);
    for (std::size_t i = 1; i < calls.size(); ++i)
        EXPECT_GE(calls[i] - calls[i - 1], 2h);
}

TEST_F(CallBudgetTest, a_hint_waits_for_no_even_spread_but_leaves_the_reserve_alone) {
    terms.limits.per_month = 400;
    terms.process_interval = 24h;
    CallBudget budget("acme", clock, journal, terms);
    budget.set_watches(100);
    tasks.spawn("look", call_greedily(budget, CallPurpose::look, clock.schedule_now() + 1s));
    clock.run_for(1s);
    EXPECT_GE(budget.closed(CallPurpose::look), 2h);
    EXPECT_EQ(budget.closed(CallPurpose::hint), 0ms);
    tasks.spawn("hints", call_greedily(budget, CallPurpose::hint, clock.schedule_now() + 1h));
    clock.run_for(24h * 40);
    EXPECT_LE(calls.size(), 300U);
    EXPECT_GE(calls.size(), 290U);
    EXPECT_EQ(budget.closed(CallPurpose::fetch), 0ms);
}

// 300 processes on a plan of 400 calls: each is fetched with one call when a webhook says that it has ended, whatever
// else is hinted at, and however greedy the looks are.
TEST_F(CallBudgetTest, where_hints_are_expected_the_month_pays_for_every_process_that_ends) {
    terms.limits.per_month = 400;
    terms.process_interval = 24h;
    CallBudget budget("acme", clock, journal, terms);
    budget.expect_hints(true);
    std::size_t open = 300;
    budget.set_watches(open);
    EXPECT_EQ(budget.state().reserve, 300);
    const WallTime begin = clock.schedule_now();
    const WallTime end = begin + 24h * 30;
    tasks.spawn("looks", call_greedily(budget, CallPurpose::look, end));
    tasks.spawn("progress", call_greedily(budget, CallPurpose::hint, end));
    std::vector<WallTime> fetches;
    for (; open > 0; --open) {
        clock.run_for((24h * 30) / 301);
        EXPECT_EQ(budget.closed(CallPurpose::fetch), 0ms) << open << " still open";
        tasks.spawn("fetch", call_once(budget, CallPurpose::fetch, fetches));
        clock.run_for(1s);
        budget.set_watches(open - 1);
    }
    clock.run_until(end);
    EXPECT_EQ(fetches.size(), 300U);
    std::vector<WallTime> all = calls;
    all.insert(all.end(), fetches.begin(), fetches.end());
    std::sort(all.begin(), all.end());
    EXPECT_LE(most_in(all, 24h * 31), 400);
    EXPECT_GE(calls.size(), 90U) << "what can be spared is used for looks";
}

TEST_F(CallBudgetTest, no_process_is_put_off_by_more_than_four_intervals) {
    terms.limits.per_month = 400;
    terms.process_interval = 24h;
    CallBudget budget("acme", clock, journal, terms);
    budget.set_watches(10);
    EXPECT_EQ(budget.wait_for(24h), 24h);
    budget.set_watches(20);
    EXPECT_EQ(budget.wait_for(24h), milliseconds{24h} * 31 * 20 / 380);
    budget.set_watches(300);
    EXPECT_GT(budget.affordable(24h), 24h * 40);
    EXPECT_EQ(budget.wait_for(24h), 24h * 4);
}

TEST_F(CallBudgetTest, hints_of_progress_leave_looks_for_what_nobody_told_of) {
    terms.limits.per_month = 400;
    terms.process_interval = 24h;
    CallBudget budget("acme", clock, journal, terms);
    budget.expect_hints(true);
    budget.set_watches(300);
    tasks.spawn("progress", call_greedily(budget, CallPurpose::hint, clock.schedule_now() + 24h));
    clock.run_for(25h);
    EXPECT_EQ(calls.size(), 25U);
    EXPECT_GT(budget.closed(CallPurpose::hint), 0ms);
    EXPECT_EQ(budget.closed(CallPurpose::look), 0ms);
    clock.run_for(24h * 40);
}

// However long it goes on, there is a call for the next look; and when few processes are open, they all get one soon.
TEST_F(CallBudgetTest, where_hints_are_expected_looks_last_and_what_is_left_open_is_looked_at_soon) {
    terms.limits.per_month = 400;
    terms.process_interval = 24h;
    CallBudget budget("acme", clock, journal, terms);
    budget.expect_hints(true);
    budget.set_watches(300);
    std::vector<WallTime> fetches;
    tasks.spawn("looks", call_greedily(budget, CallPurpose::look, clock.schedule_now() + 24h * 20));
    for (int open = 300; open > 15; --open) {
        tasks.spawn("fetch", call_once(budget, CallPurpose::fetch, fetches));
        clock.run_for(24h * 14 / 285);
        budget.set_watches(static_cast<std::size_t>(open - 1));
    }
    ASSERT_EQ(fetches.size(), 285U);
    const std::size_t looks = calls.size();
    EXPECT_GE(looks, 20U);
    EXPECT_LE(looks, 60U);
    clock.run_for(24h * 6);
    EXPECT_GE(calls.size(), looks + 15) << "each of those that are left, within days";
    EXPECT_LE(calls.size(), 100U);
}

TEST_F(CallBudgetTest, a_fast_caller_writes_seldom) {
    terms.limits.per_minute = 1'000'000;
    CallBudget budget("acme", clock, journal, terms);
    const auto call = [this](CallBudget& of) -> Task<void> {
        return call_greedily(of, CallPurpose::fetch, clock.schedule_now() + 59s);
    };
    for (int i = 0; i < 20; ++i)
        tasks.spawn("caller", call(budget));
    clock.run_for(2min);
    EXPECT_GE(calls.size(), 11'000U);
    EXPECT_LT(journal.writes, 400);
    int counted = 0;
    for (const CallCount& count : journal.counts)
        if (count.span == CallSpan::hour) counted += count.calls;
    EXPECT_GE(counted, static_cast<int>(calls.size()));
}

TEST(CircuitBreakerTest, opens_after_five_failures_and_lets_one_probe_through) {
    CircuitBreaker breaker;
    Backoff backoff(1);
    const AccountTerms terms;
    const WallTime now = from_unix_ms(1'000'000);
    for (int i = 0; i < 4; ++i)
        breaker.failed(now, backoff, terms);
    EXPECT_EQ(breaker.admits(now, 8, 0), 8U);
    breaker.failed(now, backoff, terms);
    EXPECT_EQ(breaker.admits(now, 8, 0), 0U);
    const WallTime later = breaker.opens_again();
    EXPECT_GE(later, now + terms.first_backoff);
    EXPECT_EQ(breaker.admits(later, 8, 0), 1U);
    EXPECT_EQ(breaker.admits(later, 8, 1), 0U);
    breaker.failed(later, backoff, terms);
    EXPECT_GE(breaker.opens_again(), later + terms.first_backoff * 2);
    breaker.succeeded();
    EXPECT_EQ(breaker.admits(later, 8, 3), 8U);
}

}  // namespace
}  // namespace signwatch::pipeline
