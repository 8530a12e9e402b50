#include "core/pipeline/shared_budget.hpp"

#include <algorithm>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "core/domain/error.hpp"
#include "core/pipeline/call_budget.hpp"
#include "core/runtime/task_group.hpp"
#include "tests/fakes/virtual_clock.hpp"

namespace signwatch::pipeline {
namespace {

using namespace std::chrono_literals;

// What the store is to several daemons.
struct SharedJournal : CallJournal, SharedBudgets {
    explicit SharedJournal(Clock& c) : clock(c) {}

    Clock& clock;
    SharedCalls calls;
    milliseconds answer_takes{0};

    Task<std::vector<CallCount>> call_counts(std::string) override { co_return calls.counts; }
    Task<void> count_calls(std::string, std::vector<CallCount>, WallTime) override { co_return; }
    SharedBudgets* shared_budgets() override { return this; }
    Task<SharedCalls> decide(std::string, CallJudge judge, WallTime) override {
        judge(calls);
        const SharedCalls decided = calls;
        const WallTime answered = clock.schedule_now() + answer_takes;
        Wake never;
        if (answer_takes > milliseconds{0}) co_await clock.sleep_until(answered, never);
        co_return decided;
    }
};

struct SharedBudgetTest : ::testing::Test {
    Task<void> call_often(CallBudget& budget, int times) {
        for (int i = 0; i < times; ++i) {
            bool made = false;
            try {
                co_await budget.take(CallPurpose::fetch);
                made = true;
            } catch (const Error& error) {
                EXPECT_EQ(error.code(), "budget_spent");
            }
            if (made) calls.push_back(clock.schedule_now());
        }
    }
    int most_in(milliseconds window) const {
        std::vector<WallTime> sorted = calls;
        std::sort(sorted.begin(), sorted.end());
        std::ptrdiff_t most = 0;
        for (auto first = sorted.begin(); first != sorted.end(); ++first)
            most = std::max(most, std::lower_bound(first, sorted.end(), *first + window) - first);
        return static_cast<int>(most);
    }

    boost::asio::io_context loop{1};
    testing::VirtualClock clock{loop};
    SharedJournal journal{clock};
    AccountTerms terms;
    std::vector<WallTime> calls;
    runtime::TaskGroup tasks{loop.get_executor(),
                             [](const std::string& name, const std::string& what) { FAIL() << name << ": " << what; }};
};

TEST_F(SharedBudgetTest, two_daemons_together_keep_the_even_gap) {
    terms.calls_per_second = 8;
    CallBudget one("acme", clock, journal, terms);
    CallBudget other("acme", clock, journal, terms);
    tasks.spawn("one", call_often(one, 100));
    tasks.spawn("other", call_often(other, 100));
    clock.run_for(1min);
    ASSERT_EQ(calls.size(), 200U);
    EXPECT_EQ(most_in(1s), 8);
}

TEST_F(SharedBudgetTest, answers_that_come_late_make_no_burst) {
    terms.calls_per_second = 8;
    CallBudget one("acme", clock, journal, terms);
    CallBudget other("acme", clock, journal, terms);
    journal.answer_takes = 1500ms;
    for (int i = 0; i < 10; ++i) {
        tasks.spawn("one", call_often(one, 10));
        tasks.spawn("other", call_often(other, 10));
    }
    clock.run_for(10min);
    ASSERT_EQ(calls.size(), 200U);
    EXPECT_LE(most_in(1s), 9) << "none is later than half a gap";
}

TEST_F(SharedBudgetTest, two_daemons_together_stay_within_the_minute_and_the_hour) {
    terms.limits.per_minute = 30;
    terms.limits.per_hour = 100;
    CallBudget one("acme", clock, journal, terms);
    CallBudget other("acme", clock, journal, terms);
    for (int i = 0; i < 300; ++i) {
        tasks.spawn("one", call_often(one, 5));
        tasks.spawn("other", call_often(other, 5));
        clock.run_for(30s);
    }
    EXPECT_GE(calls.size(), 150U);
    EXPECT_LE(most_in(1min), 30);
    EXPECT_LE(most_in(1h), 100);
}

TEST_F(SharedBudgetTest, a_block_that_one_daemon_meets_holds_the_other) {
    terms.calls_per_second = 8;
    CallBudget one("acme", clock, journal, terms);
    CallBudget other("acme", clock, journal, terms);
    const WallTime begin = clock.schedule_now();
    tasks.spawn("block", one.hold_for(20s));
    clock.run_for(1ms);
    tasks.spawn("other", call_often(other, 1));
    clock.run_for(1min);
    ASSERT_EQ(calls.size(), 1U);
    EXPECT_GE(calls[0] - begin, 20s);
}

}  // namespace
}  // namespace signwatch::pipeline
