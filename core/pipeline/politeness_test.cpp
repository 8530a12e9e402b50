// The small parts that keep us polite: back-off, rate budget, queue gate.
#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "core/pipeline/account.hpp"
#include "core/pipeline/backoff.hpp"
#include "core/pipeline/paced_provider.hpp"
#include "core/runtime/task_group.hpp"
#include "tests/fakes/virtual_clock.hpp"

namespace signwatch::pipeline {
namespace {

using namespace std::chrono_literals;
using signwatch::testing::VirtualClock;

// Keeps counts in memory, like a store across restarts.
struct MemoryJournal : CallJournal {
    std::vector<CallCount> counts;

    Task<std::vector<CallCount>> call_counts(std::string) override { co_return counts; }
    Task<void> count_calls(std::string, std::vector<CallCount> calls, WallTime) override {
        counts.insert(counts.end(), calls.begin(), calls.end());
        co_return;
    }
};

AccountTerms terms_of(double calls_per_second) {
    AccountTerms terms;
    terms.calls_per_second = calls_per_second;
    return terms;
}

struct Politeness : ::testing::Test {
    boost::asio::io_context loop{1};
    VirtualClock clock{loop};
    runtime::TaskGroup tasks{loop.get_executor(),
                             [](const std::string& name, const std::string& what) { FAIL() << name << ": " << what; }};
    AccountTerms terms;
    MemoryJournal journal;
};

TEST_F(Politeness, backoff_doubles_from_5s_to_10min_with_a_quarter_of_jitter) {
    Backoff backoff(1);
    const Error error(ErrorKind::transient, "http_503", "busy");
    milliseconds expected = 5s;
    for (int failures = 1; failures < 40; ++failures) {
        const milliseconds delay = backoff.after(error, failures, terms);
        EXPECT_GE(delay, expected);
        EXPECT_LE(delay, expected * 5 / 4);
        expected = std::min<milliseconds>(expected * 2, 10min);
    }
}

TEST_F(Politeness, backoff_never_shortens_what_the_other_side_asked_for) {
    Backoff backoff(1);
    Error error(ErrorKind::throttled, "http_429", "slow down");
    error.with_retry_after(30min);
    EXPECT_GE(backoff.after(error, 1, terms), 30min);
}

TEST_F(Politeness, refused_credentials_are_tried_hourly) {
    Backoff backoff(1);
    EXPECT_GE(backoff.after(Error(ErrorKind::unauthorized, "not_authorized", "no"), 1, terms), 1h);
}

Task<void> call_often(CallBudget& budget, Clock& clock, int count, std::vector<WallTime>& calls) {
    for (int i = 0; i < count; ++i) {
        co_await budget.take(CallPurpose::fetch);
        calls.push_back(clock.schedule_now());
    }
}

int most_calls_in_a_second(const std::vector<WallTime>& calls) {
    int most = 0;
    for (const WallTime start : calls) {
        const auto inside = [start](WallTime call) { return call >= start && call < start + 1s; };
        most = std::max(most, static_cast<int>(std::count_if(calls.begin(), calls.end(), inside)));
    }
    return most;
}

TEST_F(Politeness, budget_uses_what_is_permitted_and_no_more) {
    CallBudget budget("acme", clock, journal, terms_of(8));
    std::vector<WallTime> calls;
    for (int i = 0; i < 5; ++i)
        tasks.spawn("caller", call_often(budget, clock, 40, calls));
    clock.run_for(1min);
    ASSERT_EQ(calls.size(), 200U);
    EXPECT_EQ(most_calls_in_a_second(calls), 8);
    EXPECT_LE(calls.back() - calls.front(), 200 * 125ms);
}

TEST_F(Politeness, a_restart_within_the_second_stays_below_ten) {
    std::vector<WallTime> calls;
    CallBudget before("acme", clock, journal, terms_of(8));
    tasks.spawn("before", call_often(before, clock, 8, calls));
    clock.run_for(875ms);
    CallBudget after("acme", clock, journal, terms_of(8));
    tasks.spawn("after", call_often(after, clock, 8, calls));
    clock.run_for(2s);
    ASSERT_EQ(calls.size(), 16U);
    EXPECT_LE(most_calls_in_a_second(calls), 10);
}

TEST_F(Politeness, a_block_holds_calls_that_were_already_waiting) {
    CallBudget budget("acme", clock, journal, terms_of(8));
    std::vector<WallTime> calls;
    tasks.spawn("caller", call_often(budget, clock, 3, calls));
    clock.run_for(1ms);
    tasks.spawn("block", budget.hold_for(30s));
    clock.run_for(1min);
    ASSERT_EQ(calls.size(), 3U);
    EXPECT_GE(calls[1] - calls[0], 30s);
}

TEST_F(Politeness, without_a_limit_nobody_waits) {
    CallBudget budget("acme", clock, journal, terms_of(0));
    std::vector<WallTime> calls;
    tasks.spawn("caller", call_often(budget, clock, 1000, calls));
    clock.run_for(1ms);
    EXPECT_EQ(calls.size(), 1000U);
}

struct GateTrace {
    std::map<std::string, int> open;
    bool overlapped = false;

    void enter(const std::string& what, const std::string& other) {
        ++open[what];
        overlapped = overlapped || open[other] > 0;
    }
};

Task<void> poll_through(QueueGate& gate, Clock& clock, GateTrace& trace, int& done) {
    for (int i = 0; i < 20; ++i) {
        co_await gate.open_poll();
        const OpenPoll open(gate);
        trace.enter("poll", "acknowledgement");
        Wake never;
        co_await clock.sleep_until(clock.schedule_now() + 3ms, never);
        --trace.open["poll"];
        ++done;
    }
}

Task<void> acknowledge_through(QueueGate& gate, Clock& clock, GateTrace& trace, int& done) {
    for (int i = 0; i < 20; ++i) {
        co_await gate.open_acknowledgement();
        const OpenAcknowledgement open(gate);
        trace.enter("acknowledgement", "poll");
        Wake never;
        co_await clock.sleep_until(clock.schedule_now() + 5ms, never);
        --trace.open["acknowledgement"];
        ++done;
    }
}

TEST_F(Politeness, polls_and_non_final_acknowledgements_of_a_queue_never_overlap) {
    QueueGate gate(loop.get_executor());
    GateTrace trace;
    int done = 0;
    tasks.spawn("poll", poll_through(gate, clock, trace, done));
    for (int i = 0; i < 3; ++i)
        tasks.spawn("acknowledge", acknowledge_through(gate, clock, trace, done));
    clock.run_for(1min);
    EXPECT_FALSE(trace.overlapped);
    EXPECT_EQ(done, 80);
}

}  // namespace
}  // namespace signwatch::pipeline
