#include <chrono>

#include "tests/contract/state_store_contract.hpp"

namespace signwatch::testing {
namespace {

using namespace std::chrono_literals;
using Ids = std::vector<UpdateId>;

TEST_P(StateStoreContract, a_final_update_may_be_acknowledged_at_any_time) {
    const UpdateId id = commit_new("job-1", "f1", ProcessState::completed, at(0));
    const AcknowledgeTicket ticket = begin(id, at(100'000));
    EXPECT_EQ(ticket.permit, AcknowledgePermit::send);
    EXPECT_EQ(ticket.attempt, 1);
    end(id, AcknowledgeResult::done);
    reopen();
    const UpdateRow row = row_of("job-1", id);
    EXPECT_EQ(row.stage, Stage::acknowledged);
    EXPECT_EQ(row.acknowledgement, "done");
    EXPECT_TRUE(unfinished(at(999'999), at(999'999)).empty());
    EXPECT_EQ(begin(id, at(100'001)).permit, AcknowledgePermit::leave);
}

TEST_P(StateStoreContract, each_acknowledgement_is_counted_before_it_is_sent) {
    for (const ProcessState state : {ProcessState::completed, ProcessState::in_progress}) {
        const std::string process = is_terminal(state) ? "final" : "open";
        const UpdateId id = commit_new(process, "f1", state, at(0));
        EXPECT_EQ(begin(id, at(1)).attempt, 1);
        EXPECT_EQ(begin(id, at(2)).attempt, 2);
        reopen();
        const AcknowledgeTicket ticket = begin(id, at(3));
        EXPECT_EQ(ticket.permit, AcknowledgePermit::send);
        EXPECT_EQ(ticket.attempt, 3);
    }
}

TEST_P(StateStoreContract, an_acknowledgement_that_may_have_been_sent_is_never_the_first_after_a_crash) {
    const UpdateId id = commit_new("job-1", "f1", ProcessState::completed, at(0));
    EXPECT_EQ(begin(id, at(1)).attempt, 1);
    reopen();
    EXPECT_GT(begin(id, at(2)).attempt, 1);
}

TEST_P(StateStoreContract, an_open_update_is_acknowledged_inside_its_window_alone) {
    const UpdateId id = commit_new("job-1", "f1", ProcessState::in_progress, at(0));
    EXPECT_EQ(begin(id, at(480)).permit, AcknowledgePermit::leave);
    EXPECT_EQ(begin(id, at(480) - 1ms).permit, AcknowledgePermit::send);
}

TEST_P(StateStoreContract, an_open_update_is_left_once_a_newer_one_is_recorded) {
    const UpdateId id = commit_new("job-1", "f1", ProcessState::in_progress, at(0));
    commit_new("job-2", "f1", ProcessState::in_progress, at(1));
    EXPECT_EQ(begin(id, at(1)).permit, AcknowledgePermit::send);
    record(make_update("job-1", "f2", ProcessState::completed), at(2));
    EXPECT_EQ(begin(id, at(3)).permit, AcknowledgePermit::leave);
}

TEST_P(StateStoreContract, a_final_update_is_acknowledged_whatever_came_after_it) {
    const UpdateId id = commit_new("job-1", "f1", ProcessState::completed, at(0));
    record(make_update("job-1", "f2", ProcessState::completed), at(2));
    EXPECT_EQ(begin(id, at(3)).permit, AcknowledgePermit::send);
}

TEST_P(StateStoreContract, what_is_not_durable_is_never_acknowledged) {
    const UpdateId received = record(make_update("job-1", "f1", ProcessState::completed), at(0)).id;
    EXPECT_EQ(begin(received, at(1)).permit, AcknowledgePermit::leave);
    end(received, AcknowledgeResult::left);
    EXPECT_EQ(row_of("job-1", received).acknowledgement, "pending");
    park(received, at(2));
    EXPECT_EQ(begin(received, at(3)).permit, AcknowledgePermit::leave);
    end(received, AcknowledgeResult::done);
    EXPECT_EQ(row_of("job-1", received).stage, Stage::parked);
}

TEST_P(StateStoreContract, an_update_without_address_or_held_is_finished_when_it_is_committed) {
    StatusUpdate silent = make_update("silent", "f1", ProcessState::completed);
    silent.acknowledge_at = Sensitive();
    StatusUpdate held = make_update("held", "f1", ProcessState::unknown);
    held.hold = true;
    for (const StatusUpdate& update : {silent, held}) {
        const UpdateId id = record(update, at(0)).id;
        EXPECT_EQ(row_of(update.process_id, id).acknowledgement, "none");
        commit(id, at(1));
        EXPECT_EQ(begin(id, at(2)).permit, AcknowledgePermit::not_expected);
        const UpdateRow row = row_of(update.process_id, id);
        EXPECT_EQ(row.stage, Stage::acknowledged);
        EXPECT_EQ(row.acknowledgement, "none");
        EXPECT_EQ(record(update, at(600)).outcome, Recorded::committed);
        EXPECT_EQ(begin(id, at(601)).permit, AcknowledgePermit::not_expected);
    }
    EXPECT_TRUE(unfinished(at(999'999), at(999'999)).empty());
    EXPECT_EQ(view().summary().unacknowledged, 0U);
}

TEST_P(StateStoreContract, an_acknowledgement_that_was_left_waits_for_redelivery) {
    const StatusUpdate update = make_update("job-1", "f1", ProcessState::in_progress);
    const UpdateId id = record(update, at(0)).id;
    commit(id, at(1));
    end(id, AcknowledgeResult::left);
    EXPECT_EQ(row_of("job-1", id).acknowledgement, "left");
    EXPECT_TRUE(unfinished(at(999'999), at(999'999)).empty());
    EXPECT_EQ(wait(store().next_unfinished({"acme"})), std::nullopt);

    const RecordResult again = record(update, at(600));
    EXPECT_EQ(again.outcome, Recorded::committed);
    EXPECT_EQ(again.id, id);
    EXPECT_EQ(row_of("job-1", id).acknowledgement, "pending");
    EXPECT_EQ(begin(id, at(1079)).permit, AcknowledgePermit::send);
    EXPECT_EQ(outbox().size(), 1U);
}

TEST_P(StateStoreContract, a_redelivery_after_the_acknowledgement_is_acknowledged_again) {
    StatusUpdate update = make_update("job-1", "f1", ProcessState::completed);
    const UpdateId id = record(update, at(0)).id;
    commit(id, at(1));
    begin(id, at(1));
    end(id, AcknowledgeResult::done);
    update.acknowledge_at = Sensitive("https://signing.example/confirm/2");
    EXPECT_EQ(record(update, at(600)).outcome, Recorded::committed);
    EXPECT_EQ(row_of("job-1", id).stage, Stage::committed);
    EXPECT_TRUE(unfinished(at(601), at(999)).empty());  // its caller has just started to acknowledge
    const auto claimed = unfinished(at(5000), at(9999));
    ASSERT_EQ(claimed.size(), 1U);
    EXPECT_EQ(claimed[0].stage, Stage::committed);
    EXPECT_EQ(claimed[0].update.acknowledge_at, update.acknowledge_at);
    EXPECT_EQ(claimed[0].acknowledge_attempts, 1);
    EXPECT_EQ(begin(id, at(5001)).attempt, 2);
    end(id, AcknowledgeResult::assumed);
    EXPECT_EQ(row_of("job-1", id).acknowledgement, "assumed");
    EXPECT_EQ(row_of("job-1", id).stage, Stage::acknowledged);
}

TEST_P(StateStoreContract, a_pending_acknowledgement_is_claimed_beside_newer_updates) {
    const UpdateId first = commit_new("job-1", "f1", ProcessState::in_progress, at(0));
    const UpdateId second = record(make_update("job-1", "f2", ProcessState::in_progress), at(1)).id;
    wait(store().resume_unfinished({"acme"}, at(2)));
    EXPECT_EQ(unfinished_ids(at(2), at(600)), (Ids{first, second}));
}

}  // namespace
}  // namespace signwatch::testing
