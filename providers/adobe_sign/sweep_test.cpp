#include "providers/adobe_sign/sweep.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/json/value.hpp"
#include "providers/adobe_sign/test_support.hpp"
#include "providers/adobe_sign/webhook_health.hpp"

namespace signwatch::adobe_sign {
namespace {

using namespace std::chrono_literals;
using testing::fixture;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const WallTime now = *parse_iso8601("2026-05-11T10:00:00.250Z");

SweepRules rules() {
    return testing::settings().sweep;
}

std::string page(const std::string& next, std::int64_t total, const std::string& list = "") {
    return R"({"agreementAssetsResults":{"totalHits":)" + std::to_string(total) + R"(,"searchPageInfo":{"nextIndex":)" +
           next + R"(},"agreementAssetsResultList":[)" + list + "]}}";
}

// Goes on from where the bookmark says, as the next poll would.
PollResult go_on(const std::string& body, const std::string& bookmark, WallTime at = now) {
    const SearchPosition position = search_position(bookmark);
    return read_search_page(body, position, window_of(position, at, rules()), rules());
}

SweepWindow window_in(const PollResult& result) {
    return search_position(*result.bookmark).window.value_or(SweepWindow{});
}

TEST(AdobeSweep, asks_for_what_was_modified_since_the_watermark_less_the_overlap) {
    SearchPosition position;
    EXPECT_EQ(window_of(position, now, rules()).from, now - 24h) << "the first sweep";
    position.watermark = now - 15min;
    const SweepWindow window = window_of(position, now, rules());
    EXPECT_EQ(window.from, now - 45min);
    EXPECT_EQ(window.to, now);
    const ApiCall call = search_call(window, rules());
    EXPECT_EQ(call.method, "POST");
    EXPECT_EQ(call.path, "/search");
    const json::Value body = json::parse(call.body);
    const json::Value& criteria = body["agreementassetscriteria"];
    EXPECT_EQ(body["scope"].items().at(0).text(), "AGREEMENT_ASSETS");
    EXPECT_EQ(criteria["modifieddate"]["range"]["gt"].text(), "2026-05-11T09:14:59Z") << "both ends belong to it";
    EXPECT_EQ(criteria["modifieddate"]["range"]["lt"].text(), "2026-05-11T10:00:02Z");
    EXPECT_EQ(criteria["startindex"].integer(), 0);
    EXPECT_EQ(criteria["pagesize"].integer(), 50);
    EXPECT_EQ(criteria["type"].items().at(0).text(), "AGREEMENT");
    position.watermark = now + 5h;
    EXPECT_EQ(window_of(position, now, rules()).from, now - 30min) << "somebody set the clock back";
}

TEST(AdobeSweep, the_watermark_moves_when_the_last_page_was_read) {
    const std::string before = to_bookmark(SearchPosition{now - 15min, std::nullopt});
    const PollResult first = go_on(fixture("search-first.json"), before);
    EXPECT_EQ(first.wait, 0ms);
    ASSERT_THAT(first.hints, SizeIs(2));
    EXPECT_EQ(first.hints[0].process_id, testing::agreement_id);
    EXPECT_EQ(first.hints[0].reference, "LOAN-2041");
    EXPECT_EQ(first.hints[0].token, "2026-05-11T09:00:00Z/SIGNED") << "an act and the end may share a second";
    EXPECT_EQ(first.hints[1].reference, "");
    EXPECT_EQ(search_position(*first.bookmark).watermark, now - 15min);
    EXPECT_EQ(window_in(first).index, 2);
    EXPECT_LT(first.bookmark->size(), 200U);
    // The daemon may have slept since: the window is still the one that was begun.
    const PollResult last = go_on(fixture("search-last.json"), *first.bookmark, now + 8h);
    EXPECT_EQ(last.wait, 15min);
    ASSERT_THAT(last.hints, SizeIs(1)) << "an id that is none is left out";
    EXPECT_EQ(last.hints[0].reference, "LOAN-2043");
    EXPECT_EQ(search_position(*last.bookmark).watermark, now);
    EXPECT_FALSE(search_position(*last.bookmark).window);
}

TEST(AdobeSweep, a_bookmark_of_nobody_begins_anew) {
    for (const char* odd : {"", "x", "1 2", "1 2 3 4 5 6 7", "1 2 3 4 5 6 7 x", "1  2", "-1 -1 -1 -1 -1"})
        EXPECT_FALSE(search_position(odd).watermark) << odd;
    const SearchPosition position{now, SweepWindow{now - 1h, now, now + 1h, 50, 77, 3, 1}};
    EXPECT_EQ(search_position(to_bookmark(position)).window, position.window);
    EXPECT_EQ(search_position(to_bookmark(position)).watermark, now);
    EXPECT_FALSE(search_position(to_bookmark(SearchPosition{})).watermark);
}

TEST(AdobeSweep, hits_that_moved_up_while_we_read_are_read_again) {
    const PollResult first = go_on(page("50", 120), "");
    EXPECT_EQ(window_in(first).total, 120);
    const PollResult shrunk = go_on(page("100", 119), *first.bookmark);
    EXPECT_EQ(window_in(shrunk).index, 0);
    EXPECT_EQ(window_in(shrunk).restarts, 1);
    // An account that never rests does not hold us up for ever.
    std::string bookmark = *shrunk.bookmark;
    int polls = 0;
    for (std::int64_t total = 118; !bookmark.empty() && search_position(bookmark).window && polls < 50;
         --total, ++polls) {
        const std::int64_t index = search_position(bookmark).window->index;
        bookmark = *go_on(page(index >= 100 ? "null" : std::to_string(index + 50), total), bookmark).bookmark;
    }
    EXPECT_LT(polls, 20);
    EXPECT_TRUE(search_position(bookmark).watermark);
}

TEST(AdobeSweep, a_window_with_too_many_hits_is_halved_until_all_of_it_is_read) {
    // A year of 3000 hits a day, evenly: what was asked for, day by day, must cover all of it.
    SweepRules yearly = rules();
    yearly.first = 24h * 365;
    std::string bookmark;
    WallTime covered = now - yearly.first;
    int polls = 0;
    do {
        const SearchPosition position = search_position(bookmark);
        const SweepWindow window = window_of(position, now, yearly);
        EXPECT_LE(window.from, covered) << "no gap";
        const std::int64_t total = (window.to - window.from) / 1min * 2;
        const bool last = window.index + 5'000 >= total;
        bookmark = *read_search_page(
                        page(last ? "null" : std::to_string(window.index + 5'000), total), position, window, yearly)
                        .bookmark;
        if (last) covered = window.to;
    } while (search_position(bookmark).window && ++polls < 2'000);
    EXPECT_EQ(covered, now);
    EXPECT_EQ(search_position(bookmark).watermark, now);
    EXPECT_LT(polls, 1'500);
}

TEST(AdobeSweep, refuses_pages_that_lead_nowhere) {
    EXPECT_EQ(testing::code_of([] { go_on(page("0", 100), ""); }), "adobe_sweep_stuck");
    EXPECT_EQ(testing::code_of([] { go_on(page("-5", 100), ""); }), "adobe_sweep_stuck");
    EXPECT_EQ(testing::code_of([] { go_on("{}", ""); }), "json_field");
    EXPECT_EQ(testing::code_of([] { go_on("<html>", ""); }), "json_syntax");
    const PollResult none = go_on(R"({"agreementAssetsResults":{}})", "");
    EXPECT_THAT(none.hints, IsEmpty());
    EXPECT_EQ(search_position(*none.bookmark).watermark, now);
    // Not narrower than two seconds, and not for ever.
    std::string bookmark = to_bookmark(SearchPosition{now, SweepWindow{now - 1s, now, now, 0, -1, 0, 0}});
    int polls = 0;
    while (search_position(bookmark).window && polls < 3'000) {
        const std::int64_t index = search_position(bookmark).window->index;
        bookmark = *go_on(page(std::to_string(index + 50), 1'000'000), bookmark).bookmark;
        ++polls;
    }
    EXPECT_EQ(polls, 2'000);
}

TEST(AdobeSweep, a_list_is_read_from_cursor_to_cursor) {
    const ListPosition top;
    EXPECT_EQ(list_call(top, rules()).path, "/agreements?showHiddenAgreements=true&pageSize=50");
    const PollResult first = read_list_page(fixture("list-first.json"), top, rules());
    EXPECT_EQ(first.wait, 0ms);
    ASSERT_THAT(first.hints, SizeIs(2));
    EXPECT_EQ(first.hints[0].token, "VER-1/WAITING_FOR_MY_SIGNATURE");
    const ListPosition second = list_position(*first.bookmark);
    EXPECT_THAT(list_call(second, rules()).path, HasSubstr("&cursor=Y3Vyc29yLTI%3D"));
    EXPECT_EQ(testing::code_of([&] { read_list_page(fixture("list-first.json"), second, rules()); }),
              "adobe_sweep_stuck");
    const PollResult last = read_list_page(fixture("list-last.json"), second, rules());
    EXPECT_EQ(last.bookmark, "") << "a blank cursor is none";
    EXPECT_EQ(last.wait, 15min);
    EXPECT_EQ(list_position("7").pages, 0);
    EXPECT_EQ(list_position("x y").cursor, "");
}

TEST(AdobeSweep, says_of_what_is_open_that_it_goes_on) {
    const auto restarted = [](const std::string& status) {
        const std::string asset = R"({"id":"CBJ1","modifiedDate":"2026-05-11T09:00:00Z","status":")" + status + "\"}";
        return go_on(page("null", 1, asset), "").hints.at(0).restarted;
    };
    for (const char* open : {"OUT_FOR_SIGNATURE", "WAITING_FOR_OTHERS", "WAITING_FOR_MY_SIGNATURE", "IN_REVISION"})
        EXPECT_TRUE(restarted(open)) << open;
    for (const char* over : {"SIGNED", "EXPIRED", "CANCELLED", "DRAFT", "SOMETHING_NEW", ""})
        EXPECT_FALSE(restarted(over)) << over;
}

TEST(AdobeWebhookHealth, trouble_and_its_end_make_the_sweep_due) {
    const Settings settings = testing::settings();
    Watch watch = testing::watch();
    const PollResult fine = health_result(true, watch, settings);
    EXPECT_EQ(fine.webhooks_work, true);
    EXPECT_EQ(fine.wait, 1h);
    EXPECT_THAT(fine.due_now, IsEmpty());
    watch.bookmark = *fine.bookmark;
    const PollResult broken = health_result(false, watch, settings);
    EXPECT_EQ(broken.webhooks_work, false);
    EXPECT_THAT(broken.due_now, ::testing::ElementsAre(WatchKey{"loans", WatchKind::sweep, "agreements"}));
    watch.bookmark = *broken.bookmark;
    EXPECT_THAT(health_result(false, watch, settings).due_now, SizeIs(1));
    const PollResult mended = health_result(true, watch, settings);
    EXPECT_THAT(mended.due_now, SizeIs(1)) << "what happened until now was lost";
    watch.bookmark = *mended.bookmark;
    EXPECT_THAT(health_result(true, watch, settings).due_now, IsEmpty());
    Settings without_sweep = settings;
    without_sweep.sweep.by = SweepBy::nothing;
    EXPECT_THAT(health_result(false, watch, without_sweep).due_now, IsEmpty());
}

TEST(AdobeWebhookHealth, any_active_webhook_will_do_where_none_is_named) {
    const auto hooks = parse_webhooks(fixture("webhooks.json")).webhooks;
    ASSERT_THAT(hooks, SizeIs(2));
    EXPECT_EQ(hooks[0].id, "hook-1");
    EXPECT_TRUE(has_active(hooks));
    EXPECT_FALSE(has_active({hooks[0]}));
    EXPECT_FALSE(has_active({}));
    EXPECT_TRUE(parse_webhook(fixture("webhook-active.json")).active);
    EXPECT_FALSE(parse_webhook(fixture("webhook-inactive.json")).active);
}

}  // namespace
}  // namespace signwatch::adobe_sign
