#include <chrono>

#include "tests/contract/state_store_contract.hpp"

namespace signwatch::testing {
namespace {

using namespace std::chrono_literals;
using Ids = std::vector<UpdateId>;

TEST_P(StateStoreContract, a_restart_makes_everything_unfinished_due) {
    const UpdateId received = record(make_update("job-1", "f1", ProcessState::completed), at(0)).id;
    const UpdateId waiting = record(make_update("job-1", "f2", ProcessState::completed), at(0)).id;
    const UpdateId committed = commit_new("job-2", "f1", ProcessState::completed, at(0));
    const UpdateId finished = commit_new("job-3", "f1", ProcessState::completed, at(0));
    end(finished, AcknowledgeResult::done);
    park(record(make_update("job-4", "f1", ProcessState::completed), at(0)).id, at(0));
    defer(received, at(10'000), true);
    reopen();
    EXPECT_EQ(wait(store().resume_unfinished({"acme"}, at(5))), 3U);
    EXPECT_EQ(wait(store().next_unfinished({"acme"})), at(5));
    EXPECT_EQ(unfinished_ids(at(5), at(600)), (Ids{received, committed}));
    EXPECT_EQ(row_of("job-1", received).attempts, 2);
    EXPECT_EQ(row_of("job-1", waiting).attempts, 0);
    commit(received, at(6));
    EXPECT_EQ(unfinished_ids(at(6), at(600)), Ids{waiting});
}

TEST_P(StateStoreContract, other_accounts_are_left_alone) {
    record(make_update("job-1", "f1", ProcessState::completed), at(0));
    EXPECT_EQ(wait(store().resume_unfinished({"globex"}, at(1))), 0U);
    EXPECT_EQ(wait(store().resume_unfinished({}, at(1))), 0U);
    EXPECT_TRUE(wait(store().claim_unfinished({"globex"}, at(9999), at(9999), 10)).empty());
    EXPECT_EQ(wait(store().next_unfinished({"globex"})), std::nullopt);
    EXPECT_EQ(wait(store().retry_parked("globex", "", at(1))), 0U);
}

TEST_P(StateStoreContract, a_claimed_update_is_leased_and_each_start_counted) {
    const UpdateId id = record(make_update("job-1", "f1", ProcessState::completed), at(0)).id;
    defer(id, at(10), true);
    EXPECT_TRUE(unfinished(at(9), at(20)).empty());
    EXPECT_EQ(unfinished(at(10), at(20)).at(0).attempts, 2);
    EXPECT_TRUE(unfinished(at(19), at(30)).empty());
    reopen();
    EXPECT_EQ(wait(store().next_unfinished({"acme"})), at(20));
    EXPECT_EQ(unfinished(at(20), at(30)).at(0).attempts, 3);
}

TEST_P(StateStoreContract, the_oldest_unfinished_updates_come_first_up_to_the_limit) {
    Ids ids;
    for (int i = 0; i < 4; ++i) {
        ids.push_back(record(make_update("job-" + std::to_string(i), "f1", ProcessState::completed), at(0)).id);
    }
    defer(ids[3], at(1), true);
    defer(ids[0], at(2), true);
    defer(ids[2], at(3), true);
    defer(ids[1], at(4), true);
    const auto claimed = unfinished(at(9), at(600), 3);
    ASSERT_EQ(claimed.size(), 3U);
    EXPECT_EQ(claimed[0].id, ids[3]);
    EXPECT_EQ(claimed[1].id, ids[0]);
    EXPECT_EQ(claimed[2].id, ids[2]);
    EXPECT_EQ(wait(store().next_unfinished({"acme"})), at(4));
}

TEST_P(StateStoreContract, a_failure_that_does_not_count_refunds_the_start) {
    const UpdateId id = record(make_update("job-1", "f1", ProcessState::completed), at(0)).id;
    defer(id, at(10), false);
    EXPECT_EQ(row_of("job-1", id).attempts, 0);
    EXPECT_EQ(row_of("job-1", id).last_code, "http_503");
    unfinished(at(10), at(20));
    defer(id, at(30), true);
    EXPECT_EQ(row_of("job-1", id).attempts, 1);
    defer(id, at(30), false);
    defer(id, at(30), false);
    EXPECT_EQ(row_of("job-1", id).attempts, 0);
}

TEST_P(StateStoreContract, a_finished_update_is_not_deferred) {
    const UpdateId id = commit_new("job-1", "f1", ProcessState::completed, at(0));
    end(id, AcknowledgeResult::done);
    defer(id, at(10), true);
    EXPECT_EQ(wait(store().next_unfinished({"acme"})), std::nullopt);
}

TEST_P(StateStoreContract, a_deferred_acknowledgement_is_claimed_at_its_stage) {
    const UpdateId id = commit_new("job-1", "f1", ProcessState::completed, at(0));
    defer(id, at(10), false);
    const auto claimed = unfinished(at(10), at(600));
    ASSERT_EQ(claimed.size(), 1U);
    EXPECT_EQ(claimed[0].stage, Stage::committed);
}

TEST_P(StateStoreContract, retrying_parked_updates_starts_them_afresh) {
    const UpdateId first = record(make_update("job-1", "f1", ProcessState::completed), at(0)).id;
    park(first, at(1));
    const UpdateId other = record(make_update("job-2", "f1", ProcessState::completed), at(0)).id;
    park(other, at(1));
    EXPECT_EQ(wait(store().retry_parked("acme", "job-1", at(5))), 1U);
    const auto claimed = unfinished(at(5), at(600));
    ASSERT_EQ(claimed.size(), 1U);
    EXPECT_EQ(claimed[0].id, first);
    EXPECT_EQ(claimed[0].stage, Stage::received);
    EXPECT_EQ(claimed[0].attempts, 1);
    EXPECT_EQ(row_of("job-2", other).stage, Stage::parked);
    EXPECT_EQ(wait(store().retry_parked("acme", "", at(6))), 1U);
    EXPECT_EQ(wait(store().retry_parked("acme", "", at(6))), 0U);
    EXPECT_TRUE(commit(other, at(7)));
}

TEST_P(StateStoreContract, retried_updates_of_one_process_take_turns) {
    const UpdateId first = record(make_update("job-1", "f1", ProcessState::in_progress), at(0)).id;
    park(first, at(1));
    const UpdateId second = record(make_update("job-1", "f2", ProcessState::in_progress), at(1)).id;
    park(second, at(2));
    const UpdateId third = record(make_update("job-1", "f3", ProcessState::completed), at(2)).id;
    EXPECT_EQ(wait(store().retry_parked("acme", "", at(3))), 2U);
    wait(store().resume_unfinished({"acme"}, at(3)));
    EXPECT_EQ(unfinished_ids(at(3), at(600)), Ids{first});
    commit(first, at(4));
    EXPECT_EQ(unfinished_ids(at(4), at(600)), Ids{second});
    commit(second, at(5));
    EXPECT_EQ(unfinished_ids(at(5), at(600)), Ids{third});
}

TEST_P(StateStoreContract, a_parked_acknowledgement_goes_on_where_it_was) {
    const UpdateId id = commit_new("job-1", "f1", ProcessState::completed, at(0));
    park(id, at(1));
    EXPECT_EQ(row_of("job-1", id).stage, Stage::parked);
    wait(store().retry_parked("acme", "", at(2)));
    const auto claimed = unfinished(at(2), at(600));
    ASSERT_EQ(claimed.size(), 1U);
    EXPECT_EQ(claimed[0].stage, Stage::committed);
    EXPECT_FALSE(commit(id, at(3)));
    EXPECT_EQ(begin(id, at(3)).permit, AcknowledgePermit::send);
}

}  // namespace
}  // namespace signwatch::testing
