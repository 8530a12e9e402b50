#include "providers/posten/permitted_time.hpp"

#include <ctime>
#include <string>

#include <gtest/gtest.h>

namespace signwatch::posten {
namespace {

using namespace std::chrono_literals;

const WallTime now = *parse_iso8601("2026-03-04T10:00:00.250Z");

AnswerTiming answer(int status, std::optional<std::string_view> permitted) {
    AnswerTiming timing;
    timing.status = status;
    timing.permitted = permitted;
    timing.received_at = now;
    return timing;
}

NextPoll plan(const AnswerTiming& timing, PollMemory before = {}) {
    return next_poll(timing, before, Pacing{});
}

std::string http_date(WallTime time) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    char text[40];
    return {text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts)};
}

TEST(PermittedTime, after_an_update_waits_until_a_future_time) {
    EXPECT_EQ(plan(answer(200, "2026-03-04T11:00:05.250+01:00")).wait, 5s);
    EXPECT_EQ(plan(answer(201, "2026-03-04T10:00:05.250Z")).wait, 5s);
}

TEST(PermittedTime, after_an_update_polls_again_at_once_when_the_time_has_come) {
    EXPECT_EQ(plan(answer(200, "2026-03-04T10:00:00.250Z")).wait, 0s);
    EXPECT_EQ(plan(answer(200, "2026-03-04T10:00:00.249Z")).wait, 0s);
    EXPECT_EQ(plan(answer(200, "2019-04-22T10:39:46.610+01:00")).wait, 0s);
}

TEST(PermittedTime, three_updates_in_a_row_without_a_time_slow_the_queue_down) {
    NextPoll next = plan(answer(200, std::nullopt));
    EXPECT_EQ(next.wait, 0s);
    EXPECT_TRUE(next.permitted_time_missing);
    next = plan(answer(200, "soon"), next.memory);
    EXPECT_EQ(next.wait, 0s);
    next = plan(answer(200, std::nullopt), next.memory);
    EXPECT_EQ(next.wait, 10min);
    next = plan(answer(200, std::nullopt), next.memory);
    EXPECT_EQ(next.wait, 10min);
    next = plan(answer(200, "2026-03-04T10:00:00Z"), next.memory);
    EXPECT_EQ(next.wait, 0s);
    EXPECT_FALSE(next.permitted_time_missing);
    EXPECT_EQ(plan(answer(200, std::nullopt), next.memory).wait, 0s);
}

TEST(PermittedTime, an_empty_queue_waits_until_the_time_and_a_little_jitter) {
    AnswerTiming timing = answer(204, "2026-03-04T10:10:00.250Z");
    EXPECT_EQ(plan(timing).wait, 10min + 250ms);
    timing.jitter = 1;
    EXPECT_EQ(plan(timing).wait, 10min + 1s);
    timing.jitter = 0.5;
    EXPECT_EQ(plan(timing).wait, 10min + 625ms);
}

TEST(PermittedTime, an_empty_queue_with_a_time_that_has_passed_waits_thirty_seconds) {
    EXPECT_EQ(plan(answer(204, "2026-03-04T10:00:00.250Z")).wait, 30s);
    EXPECT_EQ(plan(answer(204, "2026-03-04T09:00:00Z")).wait, 30s);
    EXPECT_EQ(next_poll(answer(204, "2026-03-04T09:00:00Z"), {}, Pacing{10min, 1min, 30s}).wait, 1min);
}

TEST(PermittedTime, an_empty_queue_without_a_usable_time_waits_the_documented_interval) {
    for (const auto& header : {std::optional<std::string_view>{},
                               std::optional<std::string_view>{""},
                               std::optional<std::string_view>{"2026-03-04T10:10:00"},  // no offset: P11
                               std::optional<std::string_view>{"2026-13-04T10:10:00Z"}}) {
        const NextPoll next = plan(answer(204, header));
        EXPECT_EQ(next.wait, 10min);
        EXPECT_TRUE(next.permitted_time_missing);
    }
}

TEST(PermittedTime, polled_too_early_waits_a_second_beyond_the_new_time_for_the_whole_account) {
    const NextPoll next = plan(answer(429, "2026-03-04T10:00:20.250Z"));
    EXPECT_EQ(next.wait, 21s);
    EXPECT_TRUE(next.for_account);
    EXPECT_EQ(next.memory.throttles, 1);
    EXPECT_FALSE(plan(answer(204, "2026-03-04T10:00:20.250Z")).for_account);
}

TEST(PermittedTime, polled_too_early_with_a_time_that_has_passed_waits_thirty_seconds) {
    EXPECT_EQ(plan(answer(429, "2026-03-04T09:59:00Z")).wait, 30s);
}

TEST(PermittedTime, the_rate_limit_waits_thirty_seconds_and_doubles_up_to_ten_minutes) {
    PollMemory memory;
    for (const milliseconds expected : {30s, 60s, 120s, 240s, 480s, 600s, 600s, 600s}) {
        AnswerTiming timing = answer(429, std::nullopt);
        timing.dos_filter = memory.throttles % 2 == 0;
        const NextPoll next = plan(timing, memory);
        EXPECT_EQ(next.wait, expected + 250ms);
        EXPECT_TRUE(next.for_account);
        EXPECT_TRUE(next.permitted_time_missing);
        memory = next.memory;
    }
    memory = plan(answer(204, "2026-03-04T10:10:00Z"), memory).memory;
    EXPECT_EQ(plan(answer(429, std::nullopt), memory).wait, 30s + 250ms);
}

TEST(PermittedTime, the_rate_limit_with_a_time_waits_for_the_later_of_the_two) {
    AnswerTiming timing = answer(429, "2026-03-04T10:00:05Z");
    timing.dos_filter = true;
    EXPECT_EQ(plan(timing).wait, 30s + 250ms);
    timing.permitted = "2026-03-04T10:05:00.250Z";
    EXPECT_EQ(plan(timing).wait, 301s);
}

TEST(PermittedTime, a_rate_limit_mark_on_a_success_only_means_a_delay) {
    AnswerTiming timing = answer(200, "2026-03-04T10:00:00Z");
    timing.dos_filter = true;
    EXPECT_EQ(plan(timing).wait, 0s);
}

TEST(PermittedTime, an_absurd_time_is_capped_at_an_hour) {
    for (const int status : {200, 204, 429}) {
        const NextPoll next = plan(answer(status, "2999-01-01T00:00:00Z"));
        EXPECT_TRUE(next.permitted_time_capped);
        EXPECT_GE(next.wait, 60min);
        EXPECT_LE(next.wait, 60min + 1s);
    }
    EXPECT_FALSE(plan(answer(204, "2026-03-04T11:00:00.250Z")).permitted_time_capped);
    EXPECT_TRUE(plan(answer(204, "2026-03-04T11:00:00.251Z")).permitted_time_capped);
}

TEST(PermittedTime, our_wrong_clock_is_corrected_by_the_date_of_the_answer) {
    AnswerTiming timing = answer(204, "2026-03-04T12:10:00Z");
    timing.date = "Wed, 04 Mar 2026 12:00:00 GMT";  // two hours ahead of us
    const NextPoll next = plan(timing);
    EXPECT_EQ(next.wait, 10min + 250ms);
    EXPECT_EQ(next.clock_skew, 2h + 250ms);

    timing = answer(204, "2026-03-04T08:10:00Z");
    timing.date = "Wed, 04 Mar 2026 08:00:00 GMT";  // two hours behind us
    EXPECT_EQ(plan(timing).wait, 10min + 250ms);
}

TEST(PermittedTime, a_skew_of_two_seconds_or_less_is_left_alone) {
    AnswerTiming timing = answer(204, "2026-03-04T10:00:20.250Z");
    timing.date = "Wed, 04 Mar 2026 09:59:58 GMT";
    EXPECT_EQ(plan(timing).wait, 20s + 250ms);
    timing.date = "Wed, 04 Mar 2026 10:00:01 GMT";
    EXPECT_EQ(plan(timing).wait, 20s + 250ms);
    timing.date = "Wed, 04 Mar 2026 09:59:57 GMT";
    EXPECT_EQ(plan(timing).wait, 23s + 250ms + 250ms);
    timing.date = "yesterday";
    EXPECT_EQ(plan(timing).wait, 20s + 250ms);
    EXPECT_FALSE(plan(timing).clock_skew);
}

TEST(PermittedTime, a_wrong_clock_does_not_slow_down_draining) {
    AnswerTiming timing = answer(200, "2026-03-04T12:00:00.900Z");
    timing.date = "Wed, 04 Mar 2026 12:00:00 GMT";
    EXPECT_EQ(plan(timing).wait, 0s);
    timing.permitted = "2026-03-04T12:00:01.500Z";
    EXPECT_EQ(plan(timing).wait, 1500ms);
}

TEST(PermittedTime, a_poll_is_never_early_by_the_providers_clock) {
    for (int skew = -7'000; skew <= 7'000; skew += 333) {
        for (int ahead = 1; ahead < 20'000; ahead += 1'777) {
            const WallTime server = now + milliseconds{skew};
            const std::string permitted = to_rfc3339(server + milliseconds{ahead});
            const std::string text = http_date(server);
            AnswerTiming timing = answer(204, permitted);
            timing.date = text;
            ASSERT_TRUE(parse_http_date(text)) << text;
            const NextPoll next = plan(timing);
            const bool corrected = std::chrono::abs(*next.clock_skew) > 2s;
            const milliseconds early = corrected ? 0ms : std::max(0ms, milliseconds{-skew});
            EXPECT_GE(next.wait, milliseconds{ahead} - early) << skew << " " << ahead;
        }
    }
}

TEST(PermittedTime, other_answers_may_name_a_time_too) {
    EXPECT_EQ(permitted_in(answer(503, "2026-03-04T10:00:20.250Z")), 20s);
    EXPECT_EQ(permitted_in(answer(503, "2999-03-04T10:00:20.250Z")), 60min);
    EXPECT_FALSE(permitted_in(answer(503, "2026-03-04T10:00:00.250Z")));
    EXPECT_FALSE(permitted_in(answer(503, std::nullopt)));
}

TEST(PermittedTime, headers_are_found_whatever_their_case) {
    HttpResponse response;
    response.status = 429;
    response.headers = {
        {"x-next-PERMITTED-poll-time", "2026-03-04T10:00:20Z"}, {"dosfilter", "unavailable"}, {"date", "x"}};
    const AnswerTiming timing = AnswerTiming::of(response, now, 0.5);
    EXPECT_EQ(timing.permitted, "2026-03-04T10:00:20Z");
    EXPECT_TRUE(timing.dos_filter);
    EXPECT_EQ(timing.date, "x");
}

}  // namespace
}  // namespace signwatch::posten
