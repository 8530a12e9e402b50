#include <chrono>
#include <stdexcept>

#include "tests/contract/state_store_contract.hpp"

namespace signwatch::testing {
namespace {

using namespace std::chrono_literals;
using Ids = std::vector<UpdateId>;

StoredDocument make_document(DocumentKind kind, WallTime stored_at) {
    StoredDocument document;
    document.kind = kind;
    document.participant = kind == DocumentKind::xades ? 1 : 0;
    document.digest = {std::string(64, 'a'), 10'000'000'000};
    document.media_type = "application/xml";
    document.uri = "file:///documents/a";
    document.verification = "1 signature";
    document.stored_at = stored_at;
    return document;
}

TEST_P(StateStoreContract, a_new_update_is_added_and_its_first_start_is_counted) {
    const RecordResult result = record(make_update("job-1", "f1", ProcessState::in_progress), at(0));
    EXPECT_EQ(result.outcome, Recorded::added);
    const UpdateRow row = row_of("job-1", result.id);
    EXPECT_EQ(row.stage, Stage::received);
    EXPECT_EQ(row.acknowledgement, "pending");
    EXPECT_EQ(row.attempts, 1);
    EXPECT_EQ(row.delivered_at, at(0));
    EXPECT_TRUE(unfinished(at(60), at(600)).empty());  // its caller has just started the line
    EXPECT_EQ(wait(store().next_unfinished({"acme"})), at(0) + 15min);
}

TEST_P(StateStoreContract, an_update_comes_back_as_it_was_recorded) {
    StatusUpdate update = make_update("job-1", "f1", ProcessState::rejected);
    update.provider = ProviderKind::arqsign;
    update.watch = 7;
    update.reason = Reason{"declined-by-participant", "p1"};
    update.changed_at = at(-9) + 7ms;
    update.participants.push_back(Participant{"p2", 2, ParticipantState::waiting, "VENTER p\xc3\xa5", std::nullopt});
    update.documents.push_back(DocumentRef{DocumentKind::pades, 0, Sensitive("https://signing.example/p?a=\"b\"")});
    update.hold = true;
    update.raw = std::string("<a>\0\xff</a>", 9);
    const UpdateId id = record(update, at(1)).id;
    reopen();
    wait(store().resume_unfinished({"acme"}, at(2)));
    const auto claimed = unfinished(at(2), at(60));
    ASSERT_EQ(claimed.size(), 1U);
    const PendingUpdate& pending = claimed[0];
    EXPECT_EQ(pending.id, id);
    EXPECT_EQ(pending.stage, Stage::received);
    EXPECT_EQ(pending.attempts, 2);
    EXPECT_EQ(pending.acknowledge_attempts, 0);
    EXPECT_EQ(pending.delivered_at, at(1));
    const StatusUpdate& found = pending.update;
    EXPECT_EQ(found.provider, ProviderKind::arqsign);
    EXPECT_EQ(found.account, "acme");
    EXPECT_EQ(found.process_id, "job-1");
    EXPECT_EQ(found.reference, "ref-job-1");
    EXPECT_EQ(found.watch, 7);
    EXPECT_EQ(found.state, ProcessState::rejected);
    EXPECT_EQ(found.provider_status, "RAW");
    ASSERT_TRUE(found.reason);
    EXPECT_EQ(found.reason->code, "declined-by-participant");
    EXPECT_EQ(found.reason->participant_ref, "p1");
    EXPECT_EQ(found.changed_at, at(-9) + 7ms);
    ASSERT_EQ(found.participants.size(), 2U);
    EXPECT_EQ(found.participants[0].acted_at, at(-5));
    EXPECT_EQ(found.participants[1].ref, "p2");
    EXPECT_EQ(found.participants[1].order, 2);
    EXPECT_EQ(found.participants[1].state, ParticipantState::waiting);
    EXPECT_EQ(found.participants[1].provider_status, "VENTER p\xc3\xa5");
    EXPECT_EQ(found.participants[1].acted_at, std::nullopt);
    ASSERT_EQ(found.documents.size(), 2U);
    EXPECT_EQ(found.documents[1].kind, DocumentKind::pades);
    EXPECT_EQ(found.documents[0].participant, 1);
    EXPECT_EQ(found.documents[1].locator, update.documents[1].locator);
    EXPECT_EQ(found.acknowledge_at, update.acknowledge_at);
    EXPECT_TRUE(found.hold);
    EXPECT_EQ(found.fingerprint, "f1");
    EXPECT_EQ(found.raw, update.raw);
}

TEST_P(StateStoreContract, a_redelivery_under_way_refreshes_its_locators) {
    StatusUpdate update = make_update("job-1", "f1", ProcessState::completed);
    const RecordResult first = record(update, at(0));
    update.documents[0].locator = Sensitive("https://signing.example/x/2");
    update.acknowledge_at = Sensitive("https://signing.example/confirm/2");
    const RecordResult second = record(update, at(600));
    EXPECT_EQ(second.id, first.id);
    EXPECT_EQ(second.outcome, Recorded::in_progress);
    const auto claimed = unfinished(at(5000), at(6000));
    ASSERT_EQ(claimed.size(), 1U);
    EXPECT_EQ(claimed[0].update.documents[0].locator, update.documents[0].locator);
    EXPECT_EQ(claimed[0].update.acknowledge_at, update.acknowledge_at);
    EXPECT_EQ(claimed[0].delivered_at, at(600));
}

TEST_P(StateStoreContract, the_same_fingerprint_elsewhere_is_another_update) {
    StatusUpdate update = make_update("job-1", "f1", ProcessState::completed);
    const UpdateId first = record(update, at(0)).id;
    update.process_id = "job-2";
    const RecordResult other_process = record(update, at(0));
    update.account = "globex";
    const RecordResult other_account = record(update, at(0));
    EXPECT_EQ(other_process.outcome, Recorded::added);
    EXPECT_EQ(other_account.outcome, Recorded::added);
    EXPECT_NE(other_process.id, first);
    EXPECT_NE(other_account.id, other_process.id);
}

TEST_P(StateStoreContract, an_update_behind_an_uncommitted_one_waits_for_its_turn) {
    const UpdateId first = record(make_update("job-1", "f1", ProcessState::in_progress), at(0)).id;
    const RecordResult second = record(make_update("job-1", "f2", ProcessState::in_progress), at(1));
    const RecordResult third = record(make_update("job-1", "f3", ProcessState::completed), at(2));
    EXPECT_EQ(second.outcome, Recorded::waiting);
    EXPECT_EQ(third.outcome, Recorded::waiting);
    EXPECT_EQ(row_of("job-1", second.id).attempts, 0);
    EXPECT_TRUE(unfinished(at(3), at(600)).empty());
    EXPECT_EQ(wait(store().next_unfinished({"acme"})), at(0) + 15min);
    commit(first, at(4));
    EXPECT_EQ(unfinished_ids(at(4), at(600)), Ids{second.id});
    EXPECT_EQ(row_of("job-1", second.id).attempts, 1);
    park(second.id, at(5));
    EXPECT_EQ(unfinished_ids(at(5), at(600)), Ids{third.id});
}

TEST_P(StateStoreContract, neither_a_committed_nor_a_parked_update_is_waited_for) {
    commit_new("job-1", "f1", ProcessState::in_progress, at(0));
    const RecordResult second = record(make_update("job-1", "f2", ProcessState::in_progress), at(1));
    EXPECT_EQ(second.outcome, Recorded::added);
    park(second.id, at(2));
    EXPECT_EQ(record(make_update("job-1", "f3", ProcessState::completed), at(3)).outcome, Recorded::added);
}

TEST_P(StateStoreContract, a_commit_puts_state_documents_history_and_event_in_one_step) {
    const UpdateId id = record(make_update("job-1", "f1", ProcessState::completed), at(0)).id;
    CommitUpdate request;
    request.id = id;
    request.documents = {make_document(DocumentKind::pades, at(1)), make_document(DocumentKind::xades, at(2))};
    request.compose = make_event();
    request.now = at(3);
    EXPECT_TRUE(wait(store().commit_update(request)));
    reopen();
    const ProcessDetail found = detail("job-1");
    EXPECT_EQ(found.process.state, ProcessState::completed);
    EXPECT_EQ(found.process.sequence, 1U);
    EXPECT_EQ(found.process.correlation_id, "ref-job-1");
    EXPECT_EQ(found.process.first_seen_at, at(0));
    EXPECT_EQ(found.process.updated_at, at(3));
    EXPECT_EQ(found.process.documents, 2U);
    EXPECT_EQ(found.process.stage, Stage::committed);
    EXPECT_EQ(found.process.acknowledgement, "pending");
    ASSERT_EQ(found.participants.size(), 1U);
    EXPECT_EQ(found.participants[0].ref, "p1");
    ASSERT_EQ(found.documents.size(), 2U);
    EXPECT_EQ(found.documents[1].kind, DocumentKind::xades);
    EXPECT_EQ(found.documents[1].participant, 1);
    EXPECT_EQ(found.documents[1].digest, request.documents[1].digest);
    EXPECT_EQ(found.documents[1].media_type, "application/xml");
    EXPECT_EQ(found.documents[1].uri, "file:///documents/a");
    EXPECT_EQ(found.documents[1].verification, "1 signature");
    EXPECT_EQ(found.documents[1].stored_at, at(2));
    ASSERT_EQ(found.history.size(), 1U);
    EXPECT_EQ(found.history[0].at, at(3));
    EXPECT_EQ(found.history[0].action, "action-1");
    EXPECT_EQ(found.history[0].actor, "provider");
    EXPECT_EQ(found.history[0].description, "something happened");
    const auto events = outbox();
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].message.id, "event-ref-job-1-1");
    EXPECT_EQ(events[0].message.type, "io.signwatch.test.v1");
    EXPECT_EQ(events[0].message.partition_key, "posten/acme/ref-job-1");
    EXPECT_EQ(events[0].message.sequence, 1U);
    EXPECT_NE(events[0].message.json.find("historyEntry"), std::string::npos);
}

TEST_P(StateStoreContract, a_second_commit_does_nothing) {
    const UpdateId id = commit_new("job-1", "f1", ProcessState::completed, at(0));
    EXPECT_FALSE(commit(id, at(1)));
    begin(id, at(1));
    end(id, AcknowledgeResult::done);
    EXPECT_FALSE(commit(id, at(2)));
    EXPECT_EQ(outbox().size(), 1U);
    EXPECT_EQ(detail("job-1").process.sequence, 1U);
}

TEST_P(StateStoreContract, an_event_composer_learns_where_its_process_stands) {
    std::vector<EventContext> contexts;
    const auto compose = [&contexts](const EventContext& context) {
        contexts.push_back(context);
        return EventMessage{};
    };
    int number = 0;
    for (const ProcessState state : {ProcessState::in_progress, ProcessState::completed}) {
        CommitUpdate request;
        request.id = record(make_update("job-1", "f" + std::to_string(++number), state), at(0)).id;
        request.compose = compose;
        request.now = at(number);
        wait(store().commit_update(request));
    }
    ASSERT_EQ(contexts.size(), 2U);
    EXPECT_EQ(contexts[0].sequence, 1U);
    EXPECT_EQ(contexts[0].previous_state, ProcessState::created);
    EXPECT_TRUE(contexts[0].first);
    EXPECT_EQ(contexts[0].correlation_id, "ref-job-1");
    EXPECT_EQ(contexts[0].now, at(1));
    EXPECT_EQ(contexts[1].sequence, 2U);
    EXPECT_EQ(contexts[1].previous_state, ProcessState::in_progress);
    EXPECT_FALSE(contexts[1].first);
}

TEST_P(StateStoreContract, a_commit_that_fails_leaves_nothing_behind) {
    const UpdateId id = record(make_update("job-1", "f1", ProcessState::completed), at(0)).id;
    CommitUpdate request;
    request.id = id;
    request.documents = {make_document(DocumentKind::pades, at(1))};
    request.compose = [](const EventContext&) -> EventMessage { throw std::runtime_error("cannot compose"); };
    request.now = at(1);
    EXPECT_THROW(wait(store().commit_update(request)), std::runtime_error);
    EXPECT_EQ(row_of("job-1", id).stage, Stage::received);
    EXPECT_TRUE(detail("job-1").documents.empty());
    EXPECT_TRUE(outbox().empty());
    EXPECT_TRUE(commit(id, at(2)));
    EXPECT_EQ(outbox().at(0).message.sequence, 1U);
}

TEST_P(StateStoreContract, an_unknown_update_is_an_error) {
    EXPECT_THROW(commit(4711, at(0)), Error);
    EXPECT_THROW(begin(4711, at(0)), Error);
}

TEST_P(StateStoreContract, an_ended_process_does_not_come_back_to_life) {
    commit_new("job-1", "f1", ProcessState::completed, at(0));
    commit_new("job-1", "f2", ProcessState::in_progress, at(1));
    EXPECT_EQ(detail("job-1").process.state, ProcessState::completed);
    EXPECT_EQ(detail("job-1").process.sequence, 2U);
}

TEST_P(StateStoreContract, an_older_update_committed_later_changes_no_state) {
    const UpdateId old = record(make_update("job-1", "f1", ProcessState::rejected), at(0)).id;
    park(old, at(1));
    StatusUpdate newer = make_update("job-1", "f2", ProcessState::in_progress);
    newer.participants[0].ref = "newer";
    commit(record(newer, at(2)).id, at(2));
    wait(store().retry_parked("acme", "job-1", at(3)));
    EXPECT_TRUE(commit(old, at(4)));
    EXPECT_EQ(detail("job-1").process.state, ProcessState::in_progress);
    EXPECT_EQ(detail("job-1").participants.at(0).ref, "newer");
    EXPECT_EQ(detail("job-1").process.sequence, 3U);
}

TEST_P(StateStoreContract, parking_raises_an_event_in_sequence_and_keeps_the_state) {
    commit_new("job-1", "f1", ProcessState::in_progress, at(0));
    const UpdateId id = record(make_update("job-1", "f2", ProcessState::completed), at(1)).id;
    park(id, at(2));
    park(id, at(3));
    const UpdateRow row = row_of("job-1", id);
    EXPECT_EQ(row.stage, Stage::parked);
    EXPECT_EQ(row.last_code, "pdf_unsigned");
    EXPECT_EQ(detail("job-1").process.state, ProcessState::in_progress);
    const auto events = outbox();
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events[1].message.sequence, 2U);
    EXPECT_EQ(detail("job-1").history.size(), 2U);
    EXPECT_TRUE(unfinished(at(999'999), at(999'999)).size() ==
                1);  // the committed one, whose acknowledgement is pending
}

TEST_P(StateStoreContract, a_redelivery_of_a_parked_update_refreshes_it_and_leaves_it_parked) {
    StatusUpdate update = make_update("job-1", "f1", ProcessState::completed);
    park(record(update, at(0)).id, at(1));
    update.documents[0].locator = Sensitive("https://signing.example/x/2");
    EXPECT_EQ(record(update, at(2)).outcome, Recorded::parked);
    EXPECT_TRUE(unfinished(at(999'999), at(999'999)).empty());
    wait(store().retry_parked("acme", "", at(3)));
    EXPECT_EQ(unfinished(at(3), at(600)).at(0).update.documents[0].locator, update.documents[0].locator);
}

TEST_P(StateStoreContract, unreadable_answers_are_counted_and_kept) {
    UnreadableAnswer answer;
    answer.code = "xml_doctype";
    answer.body = "<!DOCTYPE x>";
    wait(store().record_unreadable("acme", answer, at(0)));
    wait(store().record_unreadable("acme", answer, at(1)));
    EXPECT_EQ(view().summary().unreadable, 2U);
}

}  // namespace
}  // namespace signwatch::testing
