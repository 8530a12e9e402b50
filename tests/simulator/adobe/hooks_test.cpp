#include "tests/simulator/adobe/hooks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/simulator/adobe/notification.hpp"

namespace signwatch::simulator::adobe {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::IsNull;

class AdobeHooksTest : public ::testing::Test {
protected:
    Agreement& concluded(microseconds at = 0s) {
        Agreement& agreement = world_.create({.first_action_after = 1s}, at);
        book_.tell(agreement, at + 1s);
        return agreement;
    }
    json body_of(const Notification& notification, const NotificationForm& form = {}) {
        return json::parse(notification_body(hook_, notification, world_.calendar(), form));
    }
    std::vector<std::string> events() const {
        std::vector<std::string> names;
        for (const Notification* notification : hook_.train)
            names.emplace_back(notification->event.hook);
        return names;
    }

    FaultSwitches faults_{adobe_fault_names()};
    AdobeReferee referee_;
    AdobeWorld world_{1, Calendar({0s, 1'772'618'400s}, 1.0)};
    HookBook book_{HookRules{}, faults_, referee_, 1};
    Webhook& hook_ = book_.add({.url = "https://127.0.0.1:1/", .client_id = "OURS"}, 0s);
};

TEST_F(AdobeHooksTest, everything_that_happens_is_told_once_and_in_order) {
    Agreement& agreement = concluded();
    book_.tell(agreement, 10s);
    EXPECT_THAT(events(),
                ElementsAre("AGREEMENT_CREATED",
                            "AGREEMENT_ACTION_REQUESTED",
                            "AGREEMENT_ACTION_COMPLETED",
                            "AGREEMENT_WORKFLOW_COMPLETED"));
    while (book_.due(hook_, 10s) != nullptr)
        book_.succeeded(hook_, 10s);
    EXPECT_EQ(referee_.of("hooks_acknowledged"), 4U);
    EXPECT_EQ(hook_.acknowledged, 4U);
}

TEST_F(AdobeHooksTest, fifteen_retries_in_72_hours_and_one_that_fails_keeps_back_the_others) {
    concluded();
    book_.succeeded(hook_, 0s);
    std::vector<double> minutes;
    microseconds now = 0s;
    const Notification* const first = hook_.train.front();
    book_.failed(hook_, 500, now);
    while (hook_.train.front() == first) {
        EXPECT_THAT(book_.due(hook_, first->next_attempt - 1us), IsNull());
        now = first->next_attempt;
        minutes.push_back(static_cast<double>(now / 1s) / 60.0);
        book_.failed(hook_, 500, now);
    }
    EXPECT_THAT(
        minutes,
        ElementsAre(0.5, 1.5, 3.5, 7.5, 15.5, 31.5, 63.5, 127.5, 255.5, 511.5, 1023.5, 1743.5, 2463.5, 3183.5, 3903.5));
    EXPECT_TRUE(hook_.active) << "there was a success in the last seven days";
    EXPECT_EQ(first->state, Notification::State::lost);
}

TEST_F(AdobeHooksTest, a_webhook_that_nobody_answers_is_disabled_and_what_happens_then_is_lost) {
    concluded();
    microseconds now = 0s;
    while (hook_.active) {
        now = std::max(now, book_.next_due(hook_));
        ASSERT_LT(now, never);
        book_.failed(hook_, 0, now);
    }
    EXPECT_GE(now, 72h);
    EXPECT_EQ(referee_.of("hooks_disabled"), 1U);
    EXPECT_EQ(hook_.lost, 4U);
    concluded(now);
    EXPECT_EQ(referee_.of("hooks_lost_while_inactive"), 4U);
    book_.set_active(hook_, true, now + 1h);
    EXPECT_TRUE(hook_.train.empty()) << "only new events flow";
    concluded(now + 2h);
    EXPECT_EQ(hook_.train.size(), 4U);
}

TEST_F(AdobeHooksTest, a_webhook_may_be_for_one_agreement_or_some_events) {
    Agreement& agreement = world_.create({.first_action_after = 1s}, 0s);
    Webhook& one = book_.add({.agreement = agreement.id}, 0s);
    Webhook& some = book_.add({.events = {"AGREEMENT_WORKFLOW_COMPLETED"}}, 0s);
    book_.tell(agreement, 1s);
    concluded();
    EXPECT_EQ(one.train.size(), 4U);
    EXPECT_EQ(some.train.size(), 2U);
}

TEST_F(AdobeHooksTest, duplicates_lost_ones_and_another_order) {
    faults_.set("hook-duplicate:1");
    concluded();
    ASSERT_EQ(hook_.train.size(), 5U);
    EXPECT_EQ(hook_.train[0]->id, hook_.train[1]->id);
    EXPECT_TRUE(hook_.train[1]->repeat);
    faults_.clear_all();
    hook_.train.clear();
    faults_.set("hook-reorder:2");
    concluded();
    EXPECT_EQ(events()[0], "AGREEMENT_ACTION_REQUESTED");
    faults_.set("hook-lost");
    hook_.train.clear();
    concluded();
    EXPECT_TRUE(hook_.train.empty());
    EXPECT_EQ(referee_.of("hooks_dropped"), 4U);
}

TEST_F(AdobeHooksTest, an_acknowledged_one_can_be_replayed) {
    concluded();
    EXPECT_FALSE(book_.replay(hook_, 5, 1s));
    book_.succeeded(hook_, 1s);
    hook_.train.clear();
    EXPECT_TRUE(book_.replay(hook_, 1000, 1s));
    EXPECT_EQ(hook_.train.size(), 1000U);
    EXPECT_EQ(hook_.train[0]->id, hook_.train[999]->id);
}

TEST_F(AdobeHooksTest, a_body_tells_what_was_true_at_the_time_of_the_event) {
    concluded();
    const json created = body_of(*hook_.train[0]);
    EXPECT_EQ(created["event"], "AGREEMENT_CREATED");
    EXPECT_EQ(created["agreement"]["status"], "OUT_FOR_SIGNATURE");
    const json completed = body_of(*hook_.train[3]);
    EXPECT_EQ(completed["agreement"]["status"], "SIGNED");
    EXPECT_EQ(completed["agreement"]["participantSetsInfo"]["participantSets"][0]["status"], "COMPLETED");
    EXPECT_EQ(completed["webhookNotificationId"], hook_.train[3]->id);
    EXPECT_EQ(completed["eventDate"], "2026-03-04T10:00:01Z");
}

TEST_F(AdobeHooksTest, what_is_left_out_is_said_in_four_ways) {
    concluded();
    const Notification& notification = *hook_.train[3];
    const char* const key = "conditionalParametersTrimmed";
    json body = body_of(notification, {.trimmed = TrimForm::strings});
    EXPECT_EQ(body["agreement"][key], json({"includeSignedDocuments", "includeParticipantsInfo"}));
    EXPECT_FALSE(body["agreement"].contains("participantSetsInfo"));
    body = body_of(notification, {.trimmed = TrimForm::objects_on_top});
    EXPECT_TRUE(body[key][0].is_object());
    EXPECT_TRUE(body_of(notification, {.trimmed = TrimForm::strings_on_top})[key][0].is_string());
    EXPECT_TRUE(body_of(notification, {.trimmed = TrimForm::objects})["agreement"][key][0].is_object());
    EXPECT_FALSE(body_of(notification).contains(key));
}

TEST_F(AdobeHooksTest, a_body_that_is_too_long_loses_its_document_first) {
    concluded();
    const NotificationForm form{.signed_document = std::string(5000, 'A'), .limit = 4000};
    const json body = body_of(*hook_.train[3], form);
    EXPECT_FALSE(body["agreement"].contains("signedDocumentInfo"));
    EXPECT_TRUE(body["agreement"].contains("participantSetsInfo"));
    EXPECT_EQ(body["agreement"]["conditionalParametersTrimmed"], json::array({"includeSignedDocuments"}));
    EXPECT_TRUE(body_of(*hook_.train[3], {.signed_document = "AAAA"})["agreement"].contains("signedDocumentInfo"));
    const std::string padded = notification_body(hook_, *hook_.train[3], world_.calendar(), {.pad_to = 100'000});
    EXPECT_NEAR(static_cast<double>(padded.size()), 100'000, 100);
}

}  // namespace
}  // namespace signwatch::simulator::adobe
