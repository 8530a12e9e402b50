// What reconciliation reads in the record, and what it mends there.
#include "tests/contract/audit_contract.hpp"

namespace signwatch::testing {
namespace {

using namespace std::chrono_literals;

using Faults = std::vector<std::pair<UpdateId, UpdateFault>>;
using Names = std::vector<std::string>;

TEST_P(AuditContract, a_sound_record_shows_no_fault) {
    EXPECT_TRUE(faults().empty());
    EXPECT_TRUE(unscheduled().empty());
    EXPECT_TRUE(lost().empty());
    sync("acme", {"portal", "direct"}, at(0));
    for (int i = 0; i < 5; ++i)
        watch(std::to_string(i), at(i));
    const UpdateId done = commit_document("job", "a");
    begin(done, at(1));
    end(done, AcknowledgeResult::done);
    record(make_update("on-its-way", "f1", ProcessState::completed), at(0));
    record(make_update("on-its-way", "f2", ProcessState::completed), at(1));
    park(record(make_update("parked", "f1", ProcessState::completed), at(2)).id, at(2));
    EXPECT_TRUE(faults().empty());
    EXPECT_TRUE(unscheduled().empty());
    EXPECT_TRUE(lost().empty());
}

TEST_P(AuditContract, document_claims_come_by_hash_and_row_in_pages) {
    for (const std::string process : {"job-1", "job-2", "job-3"})
        commit_document(process, process == "job-3" ? "a" : "b");
    std::vector<DocumentClaim> all;
    for (auto page = view().document_claims("", 0, 2); !page.empty();
         page = view().document_claims(all.back().digest.sha256, all.back().row, 2)) {
        EXPECT_LE(page.size(), 2U);
        all.insert(all.end(), page.begin(), page.end());
    }
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[0].process_id, "job-3");
    EXPECT_EQ(all[0].account, "acme");
    EXPECT_EQ(all[0].digest, document_of("a").digest);
    EXPECT_EQ(all[0].kind, DocumentKind::xades);
    EXPECT_EQ(all[0].participant, 1);
    EXPECT_EQ(all[0].acknowledgement, "pending");
    EXPECT_EQ(all[0].update, detail("job-3").updates.at(0).id);
    EXPECT_EQ(all[1].process_id, "job-1");
    EXPECT_EQ(all[2].process_id, "job-2");
    EXPECT_TRUE(view().claims_document(document_of("a").digest.sha256));
    EXPECT_FALSE(view().claims_document(document_of("c").digest.sha256));
}

TEST_P(AuditContract, a_committed_update_without_its_documents_is_a_fault) {
    const UpdateId lacking = commit_new("lacking", "f1", ProcessState::rejected, at(0));
    StatusUpdate nothing = make_update("nothing", "f1", ProcessState::completed);
    nothing.documents.clear();
    nothing.acknowledge_at = Sensitive();
    const UpdateId none = record(nothing, at(0)).id;
    commit(none, at(0));
    EXPECT_EQ(faults(), (Faults{{lacking, UpdateFault::documents_lacking}, {none, UpdateFault::documents_none}}));
    EXPECT_TRUE(wait(store().fetch_again(lacking, false, at(5))));
    EXPECT_TRUE(commit_with(lacking, {document_of("a")}, at(6)));
    EXPECT_EQ(faults(), (Faults{{none, UpdateFault::documents_none}}));
}

TEST_P(AuditContract, an_update_that_nobody_takes_up_is_overdue) {
    const UpdateId id = record(make_update("job", "f1", ProcessState::completed), at(0)).id;
    EXPECT_TRUE(faults(at(900)).empty());
    EXPECT_EQ(faults(at(901)), (Faults{{id, UpdateFault::overdue}}));
    EXPECT_TRUE(wait(store().resume_update(id, at(2000))));
    EXPECT_TRUE(faults(at(2000)).empty());
    EXPECT_EQ(unfinished_ids(at(2000), at(3000)), std::vector<UpdateId>{id});
    commit(id, at(2001));
    end(id, AcknowledgeResult::done);
    EXPECT_FALSE(wait(store().resume_update(id, at(2002))));
}

TEST_P(AuditContract, documents_fetched_again_and_the_same_are_no_event) {
    const UpdateId id = commit_document("job", "a");
    begin(id, at(1));
    end(id, AcknowledgeResult::done);
    EXPECT_TRUE(wait(store().fetch_again(id, false, at(5))));
    EXPECT_FALSE(wait(store().fetch_again(id, false, at(5))));
    reopen();
    const auto pending = unfinished(at(5), at(100));
    ASSERT_EQ(pending.size(), 1U);
    EXPECT_EQ(pending[0].id, id);
    EXPECT_EQ(pending[0].stage, Stage::received);
    EXPECT_EQ(pending[0].attempts, 1);
    EXPECT_FALSE(pending[0].update.incomplete);
    EXPECT_FALSE(commit_with(id, {document_of("a")}, at(6)));
    EXPECT_EQ(outbox().size(), 1U);
    EXPECT_EQ(row_of("job", id).stage, Stage::acknowledged);
    EXPECT_EQ(row_of("job", id).acknowledgement, "done");
    EXPECT_EQ(detail("job").documents.size(), 1U);
    EXPECT_TRUE(unfinished(at(9999), at(99999)).empty());
}

TEST_P(AuditContract, documents_that_come_back_as_other_bytes_are_told) {
    const UpdateId id = commit_document("job", "a");
    EXPECT_TRUE(wait(store().fetch_again(id, true, at(5))));
    const auto pending = unfinished(at(5), at(100));
    ASSERT_EQ(pending.size(), 1U);
    EXPECT_TRUE(pending[0].update.incomplete);
    EXPECT_TRUE(commit_with(id, {document_of("b")}, at(6)));
    EXPECT_FALSE(commit_with(id, {document_of("b")}, at(7)));
    const auto events = outbox();
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events[1].message.sequence, 2U);
    const ProcessDetail found = detail("job");
    ASSERT_EQ(found.documents.size(), 1U);
    EXPECT_EQ(found.documents[0].digest, document_of("b").digest);
    EXPECT_EQ(found.documents[0].uri, document_of("b").uri);
    EXPECT_EQ(row_of("job", id).stage, Stage::committed);
    EXPECT_EQ(row_of("job", id).acknowledgement, "pending");
    EXPECT_EQ(begin(id, at(8)).permit, AcknowledgePermit::send);
}

TEST_P(AuditContract, nothing_is_acknowledged_while_its_documents_are_fetched_again) {
    const UpdateId id = commit_document("job", "a");
    EXPECT_TRUE(wait(store().fetch_again(id, false, at(5))));
    EXPECT_EQ(begin(id, at(6)).permit, AcknowledgePermit::leave);
    park(id, at(7));
    EXPECT_EQ(begin(id, at(8)).permit, AcknowledgePermit::leave);
    EXPECT_EQ(wait(store().retry_parked("acme", "job", at(9))), 1U);
    EXPECT_EQ(unfinished(at(9), at(100)).at(0).stage, Stage::received);
}

TEST_P(AuditContract, an_update_that_is_on_its_way_is_not_fetched_again) {
    const UpdateId id = record(make_update("job", "f1", ProcessState::completed), at(0)).id;
    EXPECT_FALSE(wait(store().fetch_again(id, false, at(1))));
    EXPECT_FALSE(wait(store().fetch_again(4711, false, at(1))));
    park(id, at(1));
    EXPECT_FALSE(wait(store().fetch_again(id, false, at(2))));
}

TEST_P(AuditContract, an_older_update_fetched_again_goes_before_a_newer_one) {
    const UpdateId first = commit_document("job", "a");
    const UpdateId second = record(make_update("job", "f2", ProcessState::completed), at(1)).id;
    EXPECT_TRUE(wait(store().fetch_again(first, false, at(5))));
    EXPECT_EQ(unfinished_ids(at(5000), at(9000)), std::vector<UpdateId>{first});
    commit_with(first, {document_of("a")}, at(6));
    EXPECT_EQ(unfinished_ids(at(9000), at(9999)), (std::vector<UpdateId>{second, first}));
}

TEST_P(AuditContract, the_schedule_is_read_in_order_and_a_watch_in_it_can_be_moved) {
    for (const std::string process : {"1", "2", "3"})
        watch(process, at(process == "1" ? 30 : 10));
    const auto first = view().scheduled_watches("acme", WallTime{}, 0, at(31), 2);
    ASSERT_EQ(first.size(), 2U);
    EXPECT_EQ(first[0].key.target, "2");
    EXPECT_EQ(first[1].key.target, "3");
    const auto rest = view().scheduled_watches("acme", first[1].due_at, first[1].id, at(31), 2);
    ASSERT_EQ(rest.size(), 1U);
    EXPECT_EQ(rest[0].key.target, "1");
    EXPECT_EQ(rest[0].due_at, at(30));
    EXPECT_TRUE(view().scheduled_watches("acme", WallTime{}, 0, at(10), 2).empty());
    EXPECT_TRUE(view().scheduled_watches("globex", WallTime{}, 0, at(99), 2).empty());

    EXPECT_FALSE(wait(store().move_watch(rest[0].id, at(29), at(5))));
    EXPECT_TRUE(wait(store().move_watch(rest[0].id, at(30), at(5))));
    EXPECT_EQ(claim_targets("acme", at(5)), Names{"1"});
}

TEST_P(AuditContract, what_rests_is_not_in_the_schedule_for_reconciliation) {
    watch("1", at(10));
    order("1", ProcessOrder::pause, at(1));
    EXPECT_TRUE(view().scheduled_watches("acme", WallTime{}, 0, at(99), 9).empty());
    EXPECT_TRUE(unscheduled().empty());
    EXPECT_TRUE(lost().empty());
}

TEST_P(AuditContract, only_watches_without_a_place_are_scheduled_anew) {
    watch("1", at(10));
    const WatchId id = view().scheduled_watches("acme", WallTime{}, 0, at(99), 9).at(0).id;
    EXPECT_EQ(wait(store().reschedule_watches({id, 4711}, at(5))), 0U);
    EXPECT_EQ(wait(store().reschedule_watches({}, at(5))), 0U);
    EXPECT_EQ(wait(store().count_watches("acme")), 1U);
}

TEST_P(AuditContract, a_process_that_goes_on_though_its_watch_has_ended_is_lost_and_followed_again) {
    watch("1", at(10));
    watch("2", at(10));
    const Watch claimed = claim({"acme"}, at(10)).at(0);
    StatusUpdate update = found(claimed, "f1", ProcessState::in_progress);
    update.ends_watch = true;
    const UpdateId id = record(update, at(11)).id;
    finish_look(claimed, at(20));
    EXPECT_TRUE(lost().empty());  // its update is on its way
    commit(id, at(12));
    EXPECT_EQ(lost(), Names{claimed.key.target});
    EXPECT_FALSE(wait(store().follow_again("acme", "unheard-of", at(30))));
    EXPECT_TRUE(wait(store().follow_again("acme", claimed.key.target, at(30))));
    EXPECT_FALSE(wait(store().follow_again("acme", claimed.key.target, at(30))));
    EXPECT_TRUE(lost().empty());
    const auto again = claim({"acme"}, at(5000));
    ASSERT_EQ(again.size(), 2U);
    EXPECT_TRUE(again[0].seen.empty() && again[1].seen.empty());
}

TEST_P(AuditContract, a_registered_process_without_a_watch_is_lost_until_it_gets_one) {
    EXPECT_EQ(add(registration_of("1", "c1"), std::nullopt, at(0)).outcome, Registered::added);
    EXPECT_EQ(lost(), Names{"1"});
    EXPECT_TRUE(wait(store().follow_again("acme", "1", at(3))));
    EXPECT_TRUE(lost().empty());
    EXPECT_EQ(claim_targets("acme", at(3)), Names{"1"});
}

TEST_P(AuditContract, events_are_opened_again_only_under_the_entry_id_that_was_meant) {
    for (int i = 0; i < 3; ++i)
        commit_new("job-" + std::to_string(i), "f1", ProcessState::completed, at(i));
    auto events = outbox();
    wait(store().mark_published({events[0].row, events[1].row}, at(10)));
    OutboxEvent moved = events[0];
    moved.entry.n += 1;
    EXPECT_EQ(wait(store().reopen_events({moved, events[1], events[2]})), 1U);
    EXPECT_EQ(wait(store().reopen_events({events[1]})), 0U);
    const auto open = outbox();
    ASSERT_EQ(open.size(), 2U);
    EXPECT_EQ(open[0].row, events[1].row);
    EXPECT_EQ(open[0].entry, events[1].entry);
}

}  // namespace
}  // namespace signwatch::testing
