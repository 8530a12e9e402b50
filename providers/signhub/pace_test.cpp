#include "providers/signhub/pace.hpp"

#include <gtest/gtest.h>

#include "providers/signhub/test_support.hpp"

namespace signwatch::signhub {
namespace {

using namespace std::chrono_literals;

TEST(SignhubPace, older_flows_are_looked_at_less_often) {
    const Pace pace;
    const Watch watch = testing::watch();
    const std::pair<milliseconds, milliseconds> rows[] = {{-1h, 5min},
                                                          {0h, 5min},
                                                          {6h - 1ms, 5min},
                                                          {6h, 10min},
                                                          {24h * 7 - 1ms, 10min},
                                                          {24h * 7, 60min},
                                                          {24h * 400, 60min}};
    for (const auto& [age, wait] : rows)
        EXPECT_EQ(wait_of(watch, watch.since + age, pace), wait) << age.count();
}

TEST(SignhubPace, what_was_asked_for_at_registration_counts_at_any_age) {
    Watch watch = testing::watch();
    watch.interval = 30s;
    EXPECT_EQ(wait_of(watch, watch.since, Pace{}), 30s);
    EXPECT_EQ(wait_of(watch, watch.since + 24h * 30, Pace{}), 30s);
}

TEST(SignhubPace, an_account_that_is_told_off_stays_away_longer_each_time) {
    EXPECT_EQ(throttle_wait(1), 1min);
    EXPECT_EQ(throttle_wait(2), 2min);
    EXPECT_EQ(throttle_wait(5), 16min);
    EXPECT_EQ(throttle_wait(500), 16min);
    EXPECT_EQ(throttle_wait(0), 1min);
}

}  // namespace
}  // namespace signwatch::signhub
