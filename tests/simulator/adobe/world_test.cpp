#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/simulator/adobe/search.hpp"
#include "tests/simulator/adobe/throttle.hpp"
#include "tests/simulator/adobe/tokens.hpp"

namespace signwatch::simulator::adobe {
namespace {

using ::testing::ElementsAre;

const Moment start{0s, 1'772'618'400s};  // 2026-03-04T10:00:00Z

AdobeWorld new_world(double rate = 1.0) {
    return AdobeWorld(1, Calendar(start, rate));
}

std::vector<std::string_view> types_of(const AgreementState& state) {
    std::vector<std::string_view> types;
    for (const AgreementEvent& event : state.events)
        types.push_back(event.type);
    return types;
}

TEST(AdobeAgreementTest, goes_from_signer_to_signer_and_ends_with_the_last) {
    const AgreementPlan plan =
        plan_of({.participants = 2, .processed_after = 5s, .first_action_after = 10s, .step = 60s}, 0s);
    EXPECT_EQ(state_at(plan, 4s).status, "DOCUMENTS_NOT_YET_PROCESSED");
    EXPECT_THAT(state_at(plan, 4s).participants, ElementsAre("NOT_YET_VISIBLE", "NOT_YET_VISIBLE"));
    EXPECT_EQ(state_at(plan, 5s).status, "OUT_FOR_SIGNATURE");
    EXPECT_THAT(state_at(plan, 15s).participants, ElementsAre("COMPLETED", "WAITING_FOR_MY_SIGNATURE"));
    const AgreementState done = state_at(plan, 75s);
    EXPECT_EQ(done.status, "SIGNED");
    EXPECT_TRUE(done.ended);
    EXPECT_EQ(done.signatures, 2);
    EXPECT_EQ(done.events.back().hook, "AGREEMENT_WORKFLOW_COMPLETED");
    EXPECT_EQ(next_change(plan, 5s), 15s);
    EXPECT_EQ(next_change(plan, 75s), never);
}

TEST(AdobeAgreementTest, every_ending_is_told_by_its_own_event) {
    const auto last = [](Ending ending) {
        const AgreementState state = state_at(plan_of({.ending = ending, .participants = 2, .step = 5s}, 0s), 10s);
        return std::tuple(state.status, state.events.back().type, state.events.back().sub_event);
    };
    EXPECT_EQ(last(Ending::rejected), std::tuple("CANCELLED", "REJECTED", ""));
    EXPECT_EQ(last(Ending::recalled), std::tuple("CANCELLED", "RECALLED", "RECALLED"));
    EXPECT_EQ(last(Ending::kba_attempts),
              std::tuple("CANCELLED", "RECALLED_MAX_SIGNING_KBA_ATTEMPTS", "MAX_SIGNING_KBA_ATTEMPTS_EXCEEDED"));
    EXPECT_EQ(last(Ending::expired), std::tuple("EXPIRED", "EXPIRED", "EXPIRED"));
    EXPECT_EQ(last(Ending::expired_automatically),
              std::tuple("EXPIRED", "EXPIRED_AUTOMATICALLY", "EXPIRED_AUTOMATICALLY"));
    EXPECT_EQ(last(Ending::conversion_failed), std::tuple("CANCELLED", "AUTO_CANCELLED_CONVERSION_PROBLEM", ""));
    EXPECT_EQ(std::get<0>(last(Ending::form_filled)), "FORM_FILLED");
    EXPECT_EQ(std::get<0>(last(Ending::running)), "OUT_FOR_SIGNATURE");
}

TEST(AdobeAgreementTest, can_be_driven_by_hand) {
    AgreementPlan plan = plan_of({.ending = Ending::running, .participants = 2, .first_action_after = 1h}, 0s);
    act(plan, 10s);
    EXPECT_THAT(types_of(state_at(plan, 10s)),
                ElementsAre("CREATED", "ACTION_REQUESTED", "ACTION_COMPLETED", "ACTION_REQUESTED"));
    AgreementPlan other = plan;
    act(plan, 20s);
    EXPECT_EQ(state_at(plan, 20s).status, "SIGNED");
    EXPECT_THROW(act(plan, 30s), std::invalid_argument);
    end_otherwise(other, Ending::rejected, 5s, 20s);
    EXPECT_EQ(state_at(other, 24s).status, "OUT_FOR_SIGNATURE");
    EXPECT_THAT(state_at(other, 25s).participants, ElementsAre("COMPLETED", "CANCELLED"));
    EXPECT_THROW(end_otherwise(other, Ending::recalled, 0s, 26s), std::invalid_argument);
}

TEST(AdobeCalendarTest, the_date_of_what_has_happened_stays) {
    Calendar calendar(start, 60.0);
    EXPECT_EQ(calendar.wall_at(120s), start.wall + 2s);
    calendar.jumped({3600s, start.wall + 10s});
    EXPECT_EQ(calendar.wall_at(120s), start.wall + 2s);
    EXPECT_EQ(calendar.wall_at(3000s), start.wall + 10s) << "jumped over: at the moment of the jump";
    EXPECT_EQ(calendar.wall_at(3660s), start.wall + 11s);
}

TEST(AdobeCalendarTest, dates_have_the_forms_that_clients_must_bear) {
    EXPECT_EQ(adobe_date(start.wall), "2026-03-04T10:00:00Z");
    EXPECT_EQ(adobe_date(start.wall, DateForm::offset), "2026-03-04T13:00:00+03:00");
    EXPECT_EQ(adobe_date(start.wall, DateForm::compact_offset), "2026-03-04T13:00:00+0300");
    EXPECT_EQ(adobe_date(start.wall + 123ms, DateForm::fractions), "2026-03-04T10:00:00.123Z");
    EXPECT_EQ(wall_of_date("2026-03-04T10:00:00Z"), start.wall);
    EXPECT_THROW(wall_of_date("2026-03-04"), std::invalid_argument);
}

TEST(AdobeTokensTest, a_refresh_token_dies_when_it_is_replaced) {
    Tokens tokens({.access_life = 3600s, .grace = 10s}, 1);
    const std::string first = tokens.refresh_token();
    const auto pair = tokens.refresh(first, 0s);
    ASSERT_TRUE(pair && pair->refresh_token);
    EXPECT_EQ(tokens.standing(pair->access_token, 3599s), Tokens::Standing::valid);
    EXPECT_EQ(tokens.standing(pair->access_token, 3600s), Tokens::Standing::expired);
    EXPECT_TRUE(tokens.refresh(first, 9s)) << "within the grace";
    EXPECT_FALSE(tokens.refresh(first, 30s));
    EXPECT_TRUE(tokens.was_ours(first));
    EXPECT_FALSE(tokens.was_ours("something"));
    EXPECT_EQ(tokens.standing("something", 0s), Tokens::Standing::unknown);
}

TEST(AdobeTokensTest, without_rotation_the_refresh_token_lives_as_long_as_it_is_used) {
    Tokens tokens({.refresh_life = 100s, .rotate = false}, 1);
    const std::string token = tokens.refresh_token();
    EXPECT_FALSE(tokens.refresh(token, 90s)->refresh_token);
    EXPECT_TRUE(tokens.refresh(token, 180s));
    EXPECT_FALSE(tokens.refresh(token, 281s));
}

TEST(AdobeTokensTest, revoking_one_kills_all) {
    Tokens tokens({}, 1);
    const auto pair = tokens.grant(0s);
    EXPECT_TRUE(tokens.revoke(*pair.refresh_token, 1s));
    EXPECT_EQ(tokens.standing(pair.access_token, 1s), Tokens::Standing::expired);
    EXPECT_FALSE(tokens.refresh(*pair.refresh_token, 2s));
    EXPECT_FALSE(tokens.revoke("something", 2s));
}

TEST(AdobeThrottleTest, the_same_get_is_answered_so_often_and_no_more) {
    IdenticalGets gets({.identical = 3, .identical_window = 60s, .penalty = false});
    for (const auto at : {0s, 10s, 20s})
        EXPECT_EQ(gets.ask("a", at).wait, 0s);
    EXPECT_EQ(gets.ask("a", 30s).wait, 30s);
    EXPECT_EQ(gets.ask("b", 30s).wait, 0s);
    EXPECT_EQ(gets.ask("a", 59s).wait, 1s);
    EXPECT_EQ(gets.ask("a", 60s).wait, 0s);
}

TEST(AdobeThrottleTest, asking_too_early_begins_the_wait_anew_and_is_held_against_who_was_told) {
    IdenticalGets gets({.identical = 1, .identical_window = 600s});
    EXPECT_EQ(gets.ask("a", 0s).wait, 0s);
    EXPECT_EQ(gets.ask("a", 500s).wait, 600s);
    gets.told("a", 1100s);
    const auto early = gets.ask("a", 1000s);
    EXPECT_EQ(early.wait, 600s);
    EXPECT_TRUE(early.against_it);
    const auto again = gets.ask("a", 1600s);
    EXPECT_EQ(again.wait, 0s);
    EXPECT_FALSE(again.against_it);
}

TEST(AdobeSearchTest, finds_what_was_modified_in_a_window_and_pages) {
    AdobeWorld world = new_world();
    for (const microseconds first : {100s, 200s, 300s})
        world.create({.first_action_after = first}, 0s);
    const nlohmann::json request{
        {"scope", {"AGREEMENT_ASSETS"}},
        {"agreementAssetsCriteria",
         {{"type", {"AGREEMENT"}},
          {"modifiedDate", {{"range", {{"gt", adobe_date(start.wall + 150s)}, {"lt", adobe_date(start.wall + 301s)}}}}},
          {"startIndex", 0},
          {"pageSize", 1},
          {"sortByField", "MODIFIED_DATE"},
          {"sortOrder", "ASC"}}}};
    const ordered_json page = search_page({world, 1000s}, request, false);
    EXPECT_EQ(page["totalHits"], 2);
    const ordered_json& results = page["agreementAssetsResults"];
    EXPECT_EQ(results["searchPageInfo"]["nextIndex"], 1);
    EXPECT_EQ(results["agreementAssetsResultList"][0]["id"], world.agreements()[1].id);
    EXPECT_EQ(results["agreementAssetsResultList"][0]["status"], "SIGNED");
    const ordered_json lagging = search_page({world, 250s}, request, false);
    EXPECT_EQ(lagging["totalHits"], 1) << "the replica is behind";
    EXPECT_EQ(lagging["agreementAssetsResults"]["searchPageInfo"]["nextIndex"], nullptr);
    EXPECT_THROW(search_page({world, 0s}, {{"scope", "everything"}}, false), std::exception);
}

TEST(AdobeSearchTest, a_list_has_cursors_and_words_that_depend_on_who_asks) {
    AdobeWorld world = new_world();
    for (int i = 0; i < 3; ++i)
        world.create({.ending = Ending::running}, 0s);
    const auto first = list_page({world, 1s}, "", 2, "", true);
    ASSERT_TRUE(first);
    EXPECT_EQ((*first)["userAgreementList"].size(), 2U);
    EXPECT_EQ((*first)["userAgreementList"][0]["status"], "WAITING_FOR_MY_SIGNATURE");
    EXPECT_EQ((*first)["userAgreementList"][1]["status"], "OUT_FOR_SIGNATURE");
    const auto second = list_page({world, 1s}, (*first)["page"]["nextCursor"].get<std::string>(), 2, "", true);
    ASSERT_TRUE(second);
    EXPECT_EQ((*second)["userAgreementList"].size(), 1U);
    EXPECT_EQ((*second)["page"]["nextCursor"], " ");
    EXPECT_FALSE(list_page({world, 1s}, "elsewhere", 2, "", true));
    EXPECT_EQ((*list_page({world, 1s}, "", 9, "KREDI-2", false))["userAgreementList"].size(), 1U);
}

}  // namespace
}  // namespace signwatch::simulator::adobe
