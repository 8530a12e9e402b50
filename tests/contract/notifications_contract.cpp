// What webhooks brought: queued once, taken in order, finished together with its hints.
#include "tests/contract/notifications_contract.hpp"

namespace signwatch::testing {
namespace {

using Bodies = std::vector<std::string>;

TEST_P(NotificationContract, a_notification_is_queued_once) {
    EXPECT_TRUE(enqueue("a", "1", at(0)));
    EXPECT_FALSE(enqueue("a", "another body", at(1)));
    EXPECT_TRUE(enqueue("a", "2", at(1), "globex"));
    reopen();
    EXPECT_FALSE(enqueue("a", "1", at(2)));
    const auto taken = take(at(3));
    ASSERT_EQ(taken.size(), 2U);
    EXPECT_EQ(taken[0].notification.account, "acme");
    EXPECT_EQ(taken[0].notification.dedup_key, "a");
    EXPECT_EQ(taken[0].notification.body, "1");
    EXPECT_EQ(taken[0].notification.received_at, at(0));
    EXPECT_EQ(taken[0].attempts, 1);
    EXPECT_EQ(taken[1].notification.account, "globex");
}

TEST_P(NotificationContract, a_body_is_kept_byte_for_byte) {
    std::string body = "{\"\xff\x01";
    body.push_back('\0');
    body += "}";
    enqueue("a", body, at(0));
    reopen();
    EXPECT_EQ(take_bodies(at(1)), Bodies{body});
}

TEST_P(NotificationContract, the_oldest_are_taken_first_and_no_more_than_fit) {
    for (const std::string name : {"1", "2", "3", "4"})
        enqueue(name, name + std::string(99, 'x'), at(0));
    enqueue("5", "5", at(0), "globex");
    enqueue("6", "6", at(0), "globex");
    const auto names = [&](std::size_t limit, std::size_t max_bytes) {
        std::string first_letters;
        for (const std::string& body : take_bodies(at(1), limit, max_bytes))
            first_letters += body.front();
        return first_letters;
    };
    EXPECT_EQ(names(1, 1'000), "15");
    EXPECT_EQ(names(3, 250), "236");
    EXPECT_EQ(names(3, 10), "4");
    EXPECT_EQ(names(3, 10), "");
}

TEST_P(NotificationContract, what_was_taken_and_not_finished_comes_again_after_its_lease) {
    enqueue("a", "1", at(0));
    EXPECT_EQ(take(at(1)).size(), 1U);
    reopen();
    EXPECT_TRUE(take(at(60)).empty());
    const auto again = take(at(61));
    ASSERT_EQ(again.size(), 1U);
    EXPECT_EQ(again[0].attempts, 2);
}

TEST_P(NotificationContract, a_finished_one_is_gone_but_known) {
    watch("1", at(1'000));
    enqueue("a", "1", at(0));
    enqueue("b", "2", at(0));
    const auto taken = take(at(1));
    const HintCounts counts = hint({hint_about("1")}, at(2), {taken[0].id});
    EXPECT_EQ(counts.hurried, 1U);
    reopen();
    EXPECT_EQ(take_bodies(at(100)), Bodies{"2"});
    EXPECT_FALSE(enqueue("a", "1", at(101)));
    EXPECT_EQ(claim({"acme"}, at(3)).at(0).via, Via::webhook);
}

TEST_P(NotificationContract, one_that_nobody_understands_is_set_aside) {
    enqueue("a", "1", at(0));
    const NotificationId id = take(at(1)).at(0).id;
    EXPECT_EQ(view().summary().notifications, 1U);
    EXPECT_EQ(view().summary().oldest_notification, at(0));
    wait(store().set_notification_aside(id, "json_syntax"));
    reopen();
    EXPECT_TRUE(take(at(1'000)).empty());
    EXPECT_EQ(view().summary().notifications, 0U);
    EXPECT_EQ(view().summary().oldest_notification, std::nullopt);
    EXPECT_EQ(view().summary().notifications_aside, 1U);
    EXPECT_FALSE(enqueue("a", "1", at(2)));
}

TEST_P(NotificationContract, old_ones_are_forgotten_unless_they_wait_to_be_read) {
    enqueue("finished", "1", at(0));
    enqueue("aside", "2", at(0));
    enqueue("waits", "3", at(0));
    enqueue("of an account that is gone", "4", at(0), "globex");
    enqueue("young", "5", at(50));
    const auto taken = take(at(60));
    hint({}, at(60), {taken.at(0).id});
    wait(store().set_notification_aside(taken.at(1).id, "json_syntax"));
    EXPECT_EQ(wait(store().prune_notifications({"acme"}, at(50))), 3U);
    EXPECT_EQ(wait(store().prune_notifications({"acme"}, at(50))), 0U);
    EXPECT_EQ(view().summary().notifications_aside, 0U);
    EXPECT_TRUE(enqueue("finished", "1", at(61)));
    EXPECT_FALSE(enqueue("young", "5", at(61)));
    EXPECT_EQ(take_bodies(at(200)), (Bodies{"1", "3", "5"}));
}

TEST_P(NotificationContract, more_than_one_step_of_old_ones_is_forgotten) {
    for (int i = 0; i < 1'201; ++i)
        enqueue(std::to_string(i), "body", at(0), "gone");
    EXPECT_EQ(wait(store().prune_notifications({}, at(1))), 1'201U);
    EXPECT_EQ(view().summary().notifications, 0U);
}

}  // namespace
}  // namespace signwatch::testing
