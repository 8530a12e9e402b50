#include "tests/contract/state_store_contract.hpp"

namespace signwatch::testing {
namespace {

std::vector<std::string> ids_of(const std::vector<ProcessRow>& rows) {
    std::vector<std::string> ids;
    for (const ProcessRow& row : rows)
        ids.push_back(row.process_id);
    return ids;
}

using Names = std::vector<std::string>;

TEST_P(StateStoreContract, an_empty_record_has_nothing_to_show) {
    EXPECT_TRUE(watches_of("").empty());
    EXPECT_TRUE(view().processes({}).empty());
    EXPECT_FALSE(view().process("acme", "job-1"));
    EXPECT_TRUE(view().documents("", "", 10).empty());
    EXPECT_TRUE(view().events({}, 10).empty());
    EXPECT_TRUE(view().last_entry().is_zero());
    const StoreSummary summary = view().summary();
    EXPECT_EQ(summary.watches + summary.processes + summary.documents + summary.unacknowledged + summary.parked, 0U);
    EXPECT_EQ(summary.unreadable + summary.outbox_depth, 0U);
    EXPECT_EQ(summary.oldest_unacknowledged, std::nullopt);
    EXPECT_EQ(summary.oldest_unpublished, std::nullopt);
    EXPECT_GE(summary.schema_version, 1);
}

TEST_P(StateStoreContract, processes_are_listed_newest_first_through_every_filter) {
    commit_new("done", "f1", ProcessState::completed, at(0));
    commit_new("open", "f1", ProcessState::in_progress, at(1));
    park(record(make_update("parked", "f1", ProcessState::completed), at(2)).id, at(2));
    StatusUpdate foreign = make_update("foreign", "f1", ProcessState::completed);
    foreign.account = "globex";
    record(foreign, at(3));

    EXPECT_EQ(ids_of(view().processes({})), (Names{"foreign", "parked", "open", "done"}));
    ProcessFilter filter;
    filter.account = "acme";
    EXPECT_EQ(ids_of(view().processes(filter)), (Names{"parked", "open", "done"}));
    filter.limit = 1;
    filter.offset = 1;
    EXPECT_EQ(ids_of(view().processes(filter)), Names{"open"});
    ProcessFilter by_state;
    by_state.state = ProcessState::completed;
    EXPECT_EQ(ids_of(view().processes(by_state)), Names{"done"});
    ProcessFilter by_stage;
    by_stage.stage = Stage::parked;
    EXPECT_EQ(ids_of(view().processes(by_stage)), Names{"parked"});
    ProcessFilter by_correlation;
    by_correlation.correlation_id = "ref-open";
    EXPECT_EQ(ids_of(view().processes(by_correlation)), Names{"open"});
}

TEST_P(StateStoreContract, a_process_shows_its_latest_update) {
    const UpdateId first = commit_new("job-1", "f1", ProcessState::in_progress, at(0));
    begin(first, at(1));
    end(first, AcknowledgeResult::done);
    record(make_update("job-1", "f2", ProcessState::completed), at(2));
    const ProcessDetail found = detail("job-1");
    EXPECT_EQ(found.process.state, ProcessState::in_progress);
    EXPECT_EQ(found.process.stage, Stage::received);
    EXPECT_EQ(found.process.acknowledgement, "pending");
    ASSERT_EQ(found.updates.size(), 2U);
    EXPECT_EQ(found.updates[0].acknowledgement, "done");
    EXPECT_EQ(found.updates[1].state, ProcessState::completed);
    EXPECT_EQ(found.updates[1].provider_status, "RAW");
}

TEST_P(StateStoreContract, documents_are_found_by_account_and_process) {
    for (const std::string process : {"job-1", "job-2"}) {
        CommitUpdate request;
        request.id = record(make_update(process, "f1", ProcessState::completed), at(0)).id;
        request.documents.resize(2);
        request.documents[1].digest.sha256 = "hash-" + process;
        request.compose = make_event();
        wait(store().commit_update(request));
    }
    EXPECT_EQ(view().documents("", "", 10).size(), 4U);
    EXPECT_EQ(view().documents("", "", 3).size(), 3U);
    EXPECT_EQ(view().documents("globex", "", 10).size(), 0U);
    const auto found = view().documents("acme", "job-1", 10);
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].account, "acme");
    EXPECT_EQ(found[0].process_id, "job-1");
    EXPECT_EQ(found[0].document.digest.sha256, "hash-job-1");
    EXPECT_EQ(view().summary().documents, 4U);
}

TEST_P(StateStoreContract, events_show_whether_they_are_published_and_acknowledged) {
    const UpdateId first = commit_new("job-1", "f1", ProcessState::completed, at(0));
    commit_new("job-2", "f1", ProcessState::completed, at(1));
    end(first, AcknowledgeResult::done);
    wait(store().mark_published({outbox().at(0).row}, at(2)));
    const auto all = view().events({}, 10);
    ASSERT_EQ(all.size(), 2U);
    EXPECT_TRUE(all[0].published);
    EXPECT_EQ(all[0].acknowledgement, "done");
    EXPECT_FALSE(all[1].published);
    EXPECT_EQ(all[1].acknowledgement, "pending");
    EXPECT_EQ(all[1].event.message.id, "event-ref-job-2-1");
    const auto tail = view().events(all[0].event.entry, 10);
    ASSERT_EQ(tail.size(), 1U);
    EXPECT_EQ(tail[0].event.row, all[1].event.row);
    EXPECT_EQ(view().events({}, 1).size(), 1U);
    EXPECT_EQ(view().last_entry(), all[1].event.entry);
}

TEST_P(StateStoreContract, the_summary_counts_what_needs_attention) {
    sync("acme", {"portal", "direct"}, at(0));
    record(make_update("received", "f1", ProcessState::completed), at(7));
    const UpdateId done = commit_new("done", "f1", ProcessState::completed, at(1));
    end(done, AcknowledgeResult::done);
    commit_new("pending", "f1", ProcessState::completed, at(5));
    park(record(make_update("parked", "f1", ProcessState::completed), at(2)).id, at(2));
    const StoreSummary summary = view().summary();
    EXPECT_EQ(summary.watches, 2U);
    EXPECT_EQ(summary.processes, 4U);
    EXPECT_EQ(summary.unacknowledged, 2U);
    EXPECT_EQ(summary.oldest_unacknowledged, at(5));
    EXPECT_EQ(summary.parked, 1U);
    EXPECT_EQ(summary.outbox_depth, 3U);
}

}  // namespace
}  // namespace signwatch::testing
