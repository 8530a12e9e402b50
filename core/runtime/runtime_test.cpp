#include <stdexcept>
#include <string>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "core/runtime/condition.hpp"
#include "core/runtime/offload.hpp"
#include "core/runtime/started.hpp"
#include "core/runtime/system_clock.hpp"
#include "core/runtime/task_group.hpp"

namespace signwatch::runtime {
namespace {

using namespace std::chrono_literals;

struct RuntimeTest : testing::Test {
    boost::asio::io_context loop{1};
    BlockingPool pool{2};
    std::vector<std::string> failures;
    TaskGroup tasks{loop.get_executor(), [this](const std::string& name, const std::string& what) {
                        failures.push_back(name + ": " + what);
                    }};
};

Task<void> add_offloaded(BlockingPool& pool, std::thread::id loop_thread, int& sum) {
    auto work = [loop_thread] { return std::this_thread::get_id() == loop_thread ? -1 : 41; };
    const int value = co_await offload(pool, work);
    if (std::this_thread::get_id() == loop_thread) sum += value + 1;
}

TEST_F(RuntimeTest, offload_works_elsewhere_and_resumes_on_the_loop) {
    int sum = 0;
    for (int i = 0; i < 100; ++i)
        tasks.spawn("add", add_offloaded(pool, std::this_thread::get_id(), sum));
    loop.run();
    EXPECT_EQ(sum, 4200);
}

Task<void> fail_in_pool(BlockingPool& pool, std::string& caught) {
    auto work = [] { throw std::runtime_error("disk on fire"); };
    try {
        co_await offload(pool, work);
    } catch (const std::runtime_error& error) {
        caught = error.what();
    }
}

TEST_F(RuntimeTest, offload_brings_exceptions_back) {
    std::string caught;
    tasks.spawn("fail", fail_in_pool(pool, caught));
    loop.run();
    EXPECT_EQ(caught, "disk on fire");
}

Task<void> throw_at_once() {
    throw std::runtime_error("escaped");
    co_return;
}

TEST_F(RuntimeTest, task_group_reports_what_escapes) {
    tasks.spawn("bad", throw_at_once());
    loop.run();
    EXPECT_EQ(failures, std::vector<std::string>{"bad: escaped"});
    EXPECT_EQ(tasks.running(), 0U);
}

Task<void> wait_for(Condition& condition, bool& ready, int& woken) {
    while (!ready)
        co_await condition.wait();
    ++woken;
}

Task<void> make_ready(Condition& condition, bool& ready) {
    condition.notify_all();
    ready = true;
    condition.notify_all();
    co_return;
}

TEST_F(RuntimeTest, condition_wakes_every_waiter) {
    Condition condition(loop.get_executor());
    bool ready = false;
    int woken = 0;
    for (int i = 0; i < 3; ++i)
        tasks.spawn("wait", wait_for(condition, ready, woken));
    tasks.spawn("ready", make_ready(condition, ready));
    loop.run();
    EXPECT_EQ(woken, 3);
}

Task<int> answer_when(Condition& condition, const bool& ready, int answer) {
    while (!ready)
        co_await condition.wait();
    if (answer < 0) throw std::runtime_error("no answer");
    co_return answer;
}

Task<void> use_started(Condition& condition, bool& ready, std::vector<std::string>& told) {
    const auto loop = co_await boost::asio::this_coro::executor;
    Started<int> good(loop, answer_when(condition, ready, 42));
    Started<int> bad(loop, answer_when(condition, ready, -1));
    told.push_back("meanwhile");
    co_await make_ready(condition, ready);
    const int answer = co_await good.result();
    told.push_back(std::to_string(answer));
    co_await bad.wait();
    try {
        co_await bad.result();
    } catch (const std::runtime_error& error) {
        told.push_back(error.what());
    }
}

TEST_F(RuntimeTest, a_started_task_runs_while_its_owner_goes_on) {
    Condition condition(loop.get_executor());
    bool ready = false;
    std::vector<std::string> told;
    tasks.spawn("use", use_started(condition, ready, told));
    loop.run();
    EXPECT_EQ(told, (std::vector<std::string>{"meanwhile", "42", "no answer"}));
    EXPECT_EQ(failures, std::vector<std::string>{});
}

Task<void> sleep(SystemClock& clock, WallTime due, Wake& wake, milliseconds& early) {
    co_await clock.sleep_until(due, wake);
    early = due - clock.schedule_now();
}

TEST_F(RuntimeTest, sleep_never_ends_early) {
    SystemClock clock(loop.get_executor());
    Wake wake;
    milliseconds early{1};
    tasks.spawn("sleep", sleep(clock, clock.schedule_now() + 20ms, wake, early));
    loop.run();
    EXPECT_LE(early, 0ms);
}

TEST_F(RuntimeTest, wake_ends_a_sleep_also_when_set_before) {
    SystemClock clock(loop.get_executor());
    Wake wake;
    milliseconds early{0};
    wake.set();
    tasks.spawn("sleep", sleep(clock, clock.schedule_now() + 1h, wake, early));
    loop.run();
    EXPECT_GT(early, 59min);
    tasks.spawn("sleep", sleep(clock, clock.schedule_now() + 1h, wake, early));
    boost::asio::post(loop, [&wake] { wake.set(); });
    loop.restart();
    early = 0ms;
    loop.run();
    EXPECT_GT(early, 59min);
}

TEST_F(RuntimeTest, schedule_anchor_survives_a_restart_but_not_a_boot) {
    SystemClock first(loop.get_executor());
    SystemClock second(loop.get_executor());
    const std::string anchor = first.anchor();
    const std::string shifted = anchor.substr(0, anchor.find(' ')) + " 1000";
    second.adopt(shifted);
    EXPECT_EQ(second.anchor(), shifted);
    first.adopt("another-boot 1000");
    EXPECT_EQ(first.anchor(), anchor);
}

TEST_F(RuntimeTest, a_timeline_that_follows_another_never_runs_backwards) {
    SystemClock clock(loop.get_executor());
    const WallTime before = clock.schedule_now();
    clock.follow(clock.offset() - milliseconds{5'000});
    EXPECT_GE(clock.schedule_now(), before);
    EXPECT_LT(clock.schedule_now(), before + milliseconds{4'000});
    clock.follow(clock.offset() + milliseconds{10'000});
    EXPECT_GE(clock.schedule_now(), before + milliseconds{5'000});
    clock.begin_at(clock.offset() - milliseconds{60'000});
    EXPECT_LT(clock.schedule_now(), before);
}

}  // namespace
}  // namespace signwatch::runtime
