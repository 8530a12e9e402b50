// What leaves the record in the end, and what never does.
#include "tests/contract/retention_contract.hpp"

namespace signwatch::testing {
namespace {

using Names = std::vector<std::string>;

TEST_P(RetentionContract, a_process_that_is_over_leaves_with_everything_but_its_documents) {
    const UpdateId id = finished("old", "a", at(0));
    finished("young", "b", at(50));
    publish_all(at(60));
    EXPECT_EQ(prune(at(0)), 0U);
    EXPECT_EQ(prune(at(50)), 1U);
    EXPECT_EQ(prune(at(50)), 0U);
    EXPECT_FALSE(known("old"));
    EXPECT_TRUE(known("young"));
    EXPECT_EQ(view().summary().processes, 1U);
    EXPECT_FALSE(wait(store().fetch_again(id, false, at(70))));
    EXPECT_TRUE(faults().empty());
}

TEST_P(RetentionContract, the_record_goes_on_to_say_that_the_documents_are_stored) {
    finished("old", "b", at(0));
    finished("other", "a", at(500));
    finished("another", "c", at(500));
    publish_all(at(60));
    EXPECT_EQ(prune(at(10)), 1U);
    reopen();
    EXPECT_TRUE(view().claims_document(hash_of("b")));
    std::vector<DocumentClaim> all;
    for (auto page = view().document_claims("", 0, 2); !page.empty();
         page = view().document_claims(all.back().digest.sha256, all.back().row, 2))
        all.insert(all.end(), page.begin(), page.end());
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[0].process_id, "other");
    EXPECT_EQ(all[1].digest, document_of("b").digest);
    EXPECT_EQ(all[1].update, 0);
    EXPECT_EQ(all[1].process_id, "");
    EXPECT_EQ(all[2].process_id, "another");
    EXPECT_EQ(unowned(at(100'000)), Names{});
    EXPECT_EQ(unowned(at(100'001)), Names{hash_of("b")});
    wait(store().forget_documents({hash_of("b"), hash_of("a")}));
    EXPECT_FALSE(view().claims_document(hash_of("b")));
    EXPECT_TRUE(view().claims_document(hash_of("a")));
}

TEST_P(RetentionContract, a_document_that_a_process_names_is_its_own) {
    finished("old", "a", at(0));
    finished("same-bytes", "a", at(500));
    publish_all(at(60));
    EXPECT_EQ(prune(at(10)), 1U);
    EXPECT_EQ(unowned(), Names{});
    EXPECT_EQ(prune(at(501)), 1U);
    EXPECT_EQ(unowned(), Names{hash_of("a")});
    finished("again", "a", at(600));
    EXPECT_EQ(unowned(), Names{});
    EXPECT_TRUE(view().claims_document(hash_of("a")));
}

TEST_P(RetentionContract, what_is_not_finished_stays) {
    commit_document("unacknowledged", "a");
    end(commit_document("left", "b"), AcknowledgeResult::left);
    park(record(make_update("parked", "f1", ProcessState::completed), at(0)).id, at(0));
    record(make_update("received", "f1", ProcessState::completed), at(0));
    const UpdateId going_on = commit_new("going-on", "f1", ProcessState::in_progress, at(0));
    begin(going_on, at(0));
    end(going_on, AcknowledgeResult::done);
    finished("offered-again", "d", at(0));
    record(make_update("offered-again", "f-d", ProcessState::completed), at(900));
    publish_all(at(60));
    EXPECT_EQ(prune(at(100)), 0U);
    EXPECT_EQ(view().summary().processes, 6U);
}

TEST_P(RetentionContract, a_process_stays_as_long_as_one_of_its_events) {
    finished("old", "a", at(0));
    EXPECT_EQ(prune(at(100)), 0U);
    const auto events = outbox();
    wait(store().mark_published({events.at(0).row}, at(50)));
    EXPECT_EQ(prune(at(100)), 0U);
    EXPECT_EQ(view().events({}, 10).size(), 1U);
    EXPECT_EQ(wait(store().reopen_outbox(EntryId{})), 1U);
    publish_all(at(60));
    EXPECT_EQ(prune(at(100)), 1U);
}

TEST_P(RetentionContract, a_left_acknowledgement_of_a_step_on_the_way_holds_nothing_back) {
    end(commit_new("old", "f1", ProcessState::in_progress, at(0)), AcknowledgeResult::left);
    finished("old", "a", at(1));
    publish_all(at(60));
    EXPECT_EQ(prune(at(100)), 1U);
}

TEST_P(RetentionContract, a_watch_leaves_with_its_process_once_it_is_out_of_the_schedule) {
    watch("ends", at(0));
    watch("goes-on", at(0));
    for (const Watch& each : claim({"acme"}, at(0))) {
        const auto state = each.key.target == "ends" ? ProcessState::completed : ProcessState::expired;
        StatusUpdate update = found(each, "f1", state);
        update.ends_watch = each.key.target == "ends";
        commit(record(update, at(0)).id, at(0));
        finish_look(each, at(50));
    }
    publish_all(at(60));
    EXPECT_EQ(prune(at(1'000)), 1U);
    EXPECT_FALSE(known("ends"));
    EXPECT_TRUE(known("goes-on"));
    EXPECT_EQ(claim_targets("acme", at(2'000)), Names{"goes-on"});
    EXPECT_TRUE(unscheduled().empty());
}

TEST_P(RetentionContract, a_removed_process_leaves_too_and_may_come_again) {
    watch("1", at(500));
    watch("2", at(500));
    EXPECT_EQ(order("1", ProcessOrder::remove, at(10)), OrderOutcome::done);
    EXPECT_EQ(prune(at(100)), 0U);  // its place in the schedule is given up when it comes due
    EXPECT_EQ(claim_targets("acme", at(600)), Names{"2"});
    EXPECT_EQ(prune(at(0)), 0U);
    EXPECT_EQ(prune(at(100)), 1U);
    EXPECT_FALSE(known("1"));
    watch("1", at(700));
    EXPECT_EQ(claim_targets("acme", at(700)), Names{"1"});
}

TEST_P(RetentionContract, deadlines_and_hints_of_what_left_are_gone) {
    Registration registration = registration_of("1", "c1");
    registration.deadline = at(5'000);
    add(registration, at(0), at(0));
    HintProcesses hints;
    hints.account = "acme";
    hints.hints = {{"1", "", "token", false}};
    wait(store().hint_processes(hints));
    claim({"acme"}, at(0));
    order("1", ProcessOrder::remove, at(10));
    claim({"acme"}, at(9'000));
    EXPECT_EQ(prune(at(100)), 1U);
    EXPECT_FALSE(wait(store().next_deadline({"acme"})));
    EXPECT_FALSE(wait(store().next_due({"acme"})));
}

TEST_P(RetentionContract, any_number_of_processes_leaves_past_those_that_stay) {
    for (int i = 0; i < 450; ++i) {
        StatusUpdate update = make_update("job-" + std::to_string(i), "f1", ProcessState::completed);
        if (i % 3 != 0) update.acknowledge_at = Sensitive();
        commit(record(update, at(0)).id, at(0));
    }
    publish_all(at(60));
    EXPECT_EQ(prune(at(100)), 300U);
    EXPECT_EQ(view().summary().processes, 150U);
}

}  // namespace
}  // namespace signwatch::testing
