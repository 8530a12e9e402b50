#include <chrono>

#include "tests/contract/state_store_contract.hpp"

namespace signwatch::testing {
namespace {

using namespace std::chrono_literals;
using Targets = std::vector<std::string>;

TEST_P(StateStoreContract, new_watches_are_due_at_once) {
    sync("acme", {"portal", "direct"}, at(0));
    EXPECT_EQ(wait(store().next_due({"acme"})), at(0));
    const auto watches = claim({"acme"}, at(3));
    ASSERT_EQ(watches.size(), 2U);
    EXPECT_EQ(watches[0].key, queue("acme", "portal"));
    EXPECT_EQ(watches[1].key, queue("acme", "direct"));
    EXPECT_EQ(watches[0].due_at, at(0));
    EXPECT_EQ(watches[0].memory, PollMemory{});
}

TEST_P(StateStoreContract, nothing_is_due_before_its_time) {
    sync("acme", {"portal"}, at(10));
    EXPECT_TRUE(claim({"acme"}, at(10) - 1ms).empty());
    EXPECT_EQ(claim({"acme"}, at(10)).size(), 1U);
}

TEST_P(StateStoreContract, a_claimed_watch_stays_away_for_its_accounts_unanswered_wait) {
    sync("acme", {"portal"}, at(0));
    sync("globex", {"portal"}, at(0));
    ClaimWatches request;
    request.now = at(5);
    request.accounts = {{"acme", 600s}, {"globex", 30s}};
    EXPECT_EQ(wait(store().claim_due_watches(request)).size(), 2U);
    EXPECT_TRUE(claim({"acme", "globex"}, at(6)).empty());
    EXPECT_EQ(wait(store().next_due({"globex"})), at(35));
    EXPECT_EQ(wait(store().next_due({"acme"})), at(605));
    reopen();
    EXPECT_TRUE(claim({"acme"}, at(604)).empty());
    EXPECT_EQ(claim({"acme"}, at(605)).size(), 1U);
}

TEST_P(StateStoreContract, only_watches_of_the_given_accounts_are_claimed) {
    sync("acme", {"portal"}, at(0));
    sync("globex", {"portal"}, at(0));
    EXPECT_TRUE(claim({}, at(1)).empty());
    EXPECT_TRUE(claim({"nobody"}, at(1)).empty());
    const auto watches = claim({"globex"}, at(1));
    ASSERT_EQ(watches.size(), 1U);
    EXPECT_EQ(watches[0].key.account, "globex");
    EXPECT_EQ(wait(store().next_due({"acme"})), at(0));
    EXPECT_EQ(wait(store().next_due({"nobody"})), std::nullopt);
    EXPECT_EQ(wait(store().next_due({})), std::nullopt);
}

TEST_P(StateStoreContract, every_account_has_its_own_limit_and_gives_its_oldest) {
    sync("acme", {"late"}, at(3));
    sync("acme", {"late", "early", "middle"}, at(1));
    sync("globex", {"other"}, at(2));
    const auto watches = claim({"acme", "globex"}, at(9), 2);
    ASSERT_EQ(watches.size(), 3U);
    EXPECT_EQ(watches[0].key.target, "early");
    EXPECT_EQ(watches[1].key.target, "middle");
    EXPECT_EQ(watches[2].key.target, "other");
    EXPECT_EQ(wait(store().next_due({"acme", "globex"})), at(3));
}

TEST_P(StateStoreContract, settling_sets_due_time_and_memory) {
    sync("acme", {"portal"}, at(0));
    const Watch watch = claim({"acme"}, at(1)).at(0);
    SettleWatch settlement;
    settlement.watch = watch.id;
    settlement.due_at = at(20);
    settlement.memory = PollMemory{1, 2, 3};
    settlement.settled_at = at(2);
    settlement.answered = true;
    wait(store().settle_watch(settlement));
    reopen();
    EXPECT_TRUE(claim({"acme"}, at(19)).empty());
    const Watch again = claim({"acme"}, at(25)).at(0);
    EXPECT_EQ(again.id, watch.id);
    EXPECT_EQ(again.due_at, at(20));
    EXPECT_EQ(again.memory, (PollMemory{1, 2, 3}));
}

TEST_P(StateStoreContract, settling_is_safe_to_repeat_and_after_a_restart) {
    sync("acme", {"portal", "direct"}, at(0));
    const auto watches = claim({"acme"}, at(1));
    reopen();
    settle(watches[0].id, at(20));
    settle(watches[0].id, at(20));
    EXPECT_EQ(wait(store().next_due({"acme"})), at(20));
    EXPECT_EQ(claim_targets("acme", at(20)), Targets{"portal"});
}

TEST_P(StateStoreContract, settling_an_unknown_watch_is_an_error) {
    EXPECT_THROW(settle(4711, at(1)), Error);
}

TEST_P(StateStoreContract, success_is_remembered_apart_from_polls) {
    sync("acme", {"portal"}, at(0));
    EXPECT_EQ(watches_of("acme").at(0).last_polled_at, std::nullopt);
    SettleWatch settlement;
    settlement.watch = claim({"acme"}, at(1)).at(0).id;
    settlement.due_at = at(10);
    settlement.settled_at = at(2);
    settlement.answered = true;
    wait(store().settle_watch(settlement));
    settlement.settled_at = at(12);
    settlement.answered = false;
    wait(store().settle_watch(settlement));
    const WatchRow row = watches_of("acme").at(0);
    EXPECT_EQ(row.last_polled_at, at(12));
    EXPECT_EQ(row.last_success_at, at(2));
    EXPECT_EQ(row.watch.due_at, at(10));
    EXPECT_EQ(row.watch.key, queue("acme", "portal"));
}

TEST_P(StateStoreContract, a_deferral_holds_for_every_watch_of_the_account) {
    sync("acme", {"a", "b", "later"}, at(0));
    sync("globex", {"g"}, at(0));
    const auto watches = claim({"acme"}, at(1));
    settle(watches[2].id, at(500));
    settle(watches[0].id, at(60), true);
    settle(watches[1].id, at(2));  // was under way, its own answer permitted more
    sync("acme", {"a", "b", "later", "new"}, at(3));
    EXPECT_TRUE(claim({"acme"}, at(59)).empty());
    EXPECT_EQ(wait(store().next_due({"acme"})), at(60));
    EXPECT_EQ(claim_targets("globex", at(59)), Targets{"g"});
    reopen();
    const auto due = claim({"acme"}, at(60));
    ASSERT_EQ(due.size(), 3U);
    for (const Watch& watch : due)
        EXPECT_EQ(watch.due_at, at(60));
    EXPECT_EQ(claim_targets("acme", at(500)), Targets{"later"});
}

TEST_P(StateStoreContract, a_deferral_never_shortens_another) {
    sync("acme", {"a", "b"}, at(0));
    const auto watches = claim({"acme"}, at(1));
    settle(watches[0].id, at(60), true);
    settle(watches[1].id, at(30), true);
    EXPECT_EQ(wait(store().next_due({"acme"})), at(60));
    EXPECT_TRUE(claim({"acme"}, at(59)).empty());
}

TEST_P(StateStoreContract, a_standing_watch_keeps_its_permitted_time) {
    sync("acme", {"portal"}, at(0));
    settle(claim({"acme"}, at(1)).at(0).id, at(90));
    sync("acme", {"portal", "direct"}, at(10));
    EXPECT_EQ(claim_targets("acme", at(89)), Targets{"direct"});
    EXPECT_EQ(claim_targets("acme", at(90)), Targets{"portal"});
}

TEST_P(StateStoreContract, a_removed_watch_is_not_polled_and_remembers_its_permitted_time) {
    sync("acme", {"portal", "direct"}, at(0));
    for (const Watch& watch : claim({"acme"}, at(1)))
        settle(watch.id, watch.key.target == "portal" ? at(90) : at(80));
    sync("acme", {"direct"}, at(2));
    EXPECT_EQ(watches_of("acme").size(), 1U);
    EXPECT_EQ(claim_targets("acme", at(95)), Targets{"direct"});
    sync("acme", {}, at(96));
    EXPECT_EQ(wait(store().next_due({"acme"})), std::nullopt);

    sync("acme", {"portal"}, at(50));
    EXPECT_TRUE(claim({"acme"}, at(89)).empty());
    EXPECT_EQ(claim_targets("acme", at(90)), Targets{"portal"});
}

TEST_P(StateStoreContract, a_watch_whose_permitted_time_has_passed_is_due_when_it_is_configured_again) {
    sync("acme", {"portal"}, at(0));
    settle(claim({"acme"}, at(1)).at(0).id, at(20));
    sync("acme", {}, at(2));
    sync("acme", {"portal"}, at(100));
    EXPECT_EQ(wait(store().next_due({"acme"})), at(100));
}

TEST_P(StateStoreContract, a_watch_removed_while_it_is_polled_keeps_what_the_answer_permits) {
    sync("acme", {"portal"}, at(0));
    const WatchId id = claim({"acme"}, at(1)).at(0).id;
    sync("acme", {}, at(2));
    settle(id, at(40));
    EXPECT_TRUE(claim({"acme"}, at(1000)).empty());
    sync("acme", {"portal"}, at(3));
    EXPECT_EQ(wait(store().next_due({"acme"})), at(40));
}

TEST_P(StateStoreContract, syncing_concerns_one_account_and_both_kinds_of_standing_watch) {
    sync("globex", {"portal"}, at(0));
    const std::vector<WatchKey> standing{queue("acme", "same"), {"acme", WatchKind::sweep, "same"}};
    wait(store().sync_watches("acme", standing, at(0)));
    wait(store().sync_watches("acme", standing, at(1)));
    EXPECT_EQ(watches_of("acme").size(), 2U);
    EXPECT_EQ(watches_of("").size(), 3U);
    const auto watches = claim({"acme"}, at(5));
    ASSERT_EQ(watches.size(), 2U);
    EXPECT_EQ(watches[1].key.kind, WatchKind::sweep);
}

}  // namespace
}  // namespace signwatch::testing
