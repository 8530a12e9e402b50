#include <algorithm>
#include <chrono>

#include "tests/contract/state_store_contract.hpp"

namespace signwatch::testing {
namespace {

using namespace std::chrono_literals;
using Rowids = std::vector<std::int64_t>;

Rowids rows_of(const std::vector<OutboxEvent>& events) {
    Rowids rows;
    for (const OutboxEvent& event : events)
        rows.push_back(event.row);
    return rows;
}

TEST_P(StateStoreContract, entry_ids_rise_strictly_even_when_the_clock_does_not) {
    for (const int second : {10, 10, 5, 11}) {
        commit_new("job-" + std::to_string(outbox().size()), "f1", ProcessState::completed, at(second));
    }
    reopen();
    commit_new("job-x", "f1", ProcessState::completed, at(3));
    const auto events = outbox();
    ASSERT_EQ(events.size(), 5U);
    for (std::size_t i = 1; i < events.size(); ++i)
        EXPECT_LT(events[i - 1].entry, events[i].entry);
    EXPECT_EQ(events[0].entry.ms, static_cast<std::uint64_t>(to_unix_ms(at(10))));
    EXPECT_EQ(events[3].entry.ms, static_cast<std::uint64_t>(to_unix_ms(at(11))));
    EXPECT_EQ(view().last_entry(), events[4].entry);
}

TEST_P(StateStoreContract, the_outbox_gives_unpublished_events_in_entry_order_up_to_the_limit) {
    for (int i = 0; i < 3; ++i)
        commit_new("job-" + std::to_string(i), "f1", ProcessState::completed, at(i));
    EXPECT_EQ(outbox(2).size(), 2U);
    const auto events = outbox();
    ASSERT_EQ(events.size(), 3U);
    EXPECT_EQ(wait(store().published_end()), EntryId{});
    wait(store().mark_published({events[1].row, events[0].row}, at(10)));
    wait(store().mark_published({events[0].row}, at(11)));
    reopen();
    EXPECT_EQ(rows_of(outbox()), Rowids{events[2].row});
    EXPECT_EQ(wait(store().published_end()), events[1].entry);
    EXPECT_EQ(view().summary().outbox_depth, 1U);
    EXPECT_EQ(view().summary().oldest_unpublished, at(2));
}

TEST_P(StateStoreContract, a_lost_tail_is_opened_again) {
    for (int i = 0; i < 4; ++i)
        commit_new("job-" + std::to_string(i), "f1", ProcessState::completed, at(i));
    const auto events = outbox();
    wait(store().mark_published({events[0].row, events[1].row, events[2].row}, at(10)));
    EXPECT_EQ(wait(store().reopen_outbox(events[0].entry)), 2U);
    EXPECT_EQ(wait(store().reopen_outbox(events[0].entry)), 0U);
    EXPECT_EQ(rows_of(outbox()), (Rowids{events[1].row, events[2].row, events[3].row}));
    EXPECT_EQ(outbox().at(0).entry, events[1].entry);
    EXPECT_EQ(wait(store().published_end()), events[2].entry);
    EXPECT_EQ(wait(store().reopen_outbox(EntryId{})), 1U);
}

TEST_P(StateStoreContract, what_is_published_is_told_page_by_page) {
    for (int i = 0; i < 5; ++i)
        commit_new("job-" + std::to_string(i), "f1", ProcessState::completed, at(i));
    const auto events = outbox();
    EXPECT_TRUE(wait(store().published_after({}, 10)).empty());
    wait(store().mark_published({events[0].row, events[1].row, events[2].row, events[4].row}, at(10)));
    EXPECT_EQ(rows_of(wait(store().published_after({}, 2))), (Rowids{events[0].row, events[1].row}));
    const auto rest = wait(store().published_after(events[1].entry, 10));
    EXPECT_EQ(rows_of(rest), (Rowids{events[2].row, events[4].row}));
    EXPECT_EQ(rest[1].entry, events[4].entry);
    EXPECT_EQ(rest[1].message.partition_key, events[4].message.partition_key);
    EXPECT_EQ(wait(store().reopen_events({rest[0]})), 1U);
    EXPECT_EQ(rows_of(outbox()), (Rowids{events[2].row, events[3].row}));
}

TEST_P(StateStoreContract, new_entry_ids_are_above_the_floor_and_keep_the_order) {
    for (int i = 0; i < 3; ++i)
        commit_new("job-" + std::to_string(i), "f1", ProcessState::completed, at(i));
    const auto before = outbox();
    const EntryId floor{static_cast<std::uint64_t>(to_unix_ms(at(100))), 7};
    wait(store().reassign_entries({before[2].row, before[0].row}, floor, at(5)));
    reopen();
    const auto after = outbox();
    EXPECT_EQ(rows_of(after), (Rowids{before[1].row, before[0].row, before[2].row}));
    EXPECT_GT(after[1].entry, floor);
    EXPECT_GT(after[2].entry, after[1].entry);
    EXPECT_EQ(after[1].message.id, before[0].message.id);
    commit_new("job-9", "f1", ProcessState::completed, at(6));
    EXPECT_GT(outbox().back().entry, after[2].entry);
}

TEST_P(StateStoreContract, new_entry_ids_are_above_every_id_given_before) {
    for (int i = 0; i < 2; ++i)
        commit_new("job-" + std::to_string(i), "f1", ProcessState::completed, at(50));
    const auto before = outbox();
    wait(store().reassign_entries({before[0].row}, EntryId{1, 0}, at(5)));
    EXPECT_GT(outbox().at(1).entry, before[1].entry);
}

TEST_P(StateStoreContract, pruning_removes_what_is_old_and_done_and_nothing_else) {
    commit_new("old", "f1", ProcessState::completed, at(0));
    const auto old = outbox().at(0);
    end(detail("old").updates.at(0).id, AcknowledgeResult::done);
    commit_new("unpublished", "f1", ProcessState::completed, at(1));
    wait(store().mark_published({old.row}, at(2)));
    UnreadableAnswer answer;
    answer.code = "xml_doctype";
    wait(store().record_unreadable("acme", answer, at(3)));
    wait(store().record_unreadable("acme", answer, at(30)));
    EXPECT_EQ(wait(store().prune(at(0))), 0U);
    EXPECT_EQ(wait(store().prune(at(10))), 3U);  // an event, a raw body, an unreadable answer
    EXPECT_EQ(wait(store().prune(at(10))), 0U);
    EXPECT_EQ(view().summary().unreadable, 1U);
    EXPECT_EQ(view().events({}, 10).size(), 1U);
    EXPECT_EQ(outbox().at(0).message.id, "event-ref-unpublished-1");
    EXPECT_EQ(detail("old").process.state, ProcessState::completed);
    EXPECT_EQ(wait(store().reopen_outbox({})), 0U);
    EXPECT_EQ(unfinished(at(9999), at(9999)).at(0).update.raw, "<status/>");
}

TEST_P(StateStoreContract, pruning_takes_any_number_of_rows) {
    Rowids rows;
    for (int i = 0; i < 1200; ++i) {
        StatusUpdate update = make_update("job-" + std::to_string(i), "f1", ProcessState::completed);
        update.acknowledge_at = Sensitive();
        commit(record(update, at(0)).id, at(0));
    }
    for (const OutboxEvent& event : outbox(2000))
        rows.push_back(event.row);
    ASSERT_EQ(rows.size(), 1200U);
    wait(store().mark_published(rows, at(1)));
    EXPECT_EQ(wait(store().prune(at(2))), 2400U);
}

TEST_P(StateStoreContract, small_values_are_remembered_once_and_replaced_on_demand) {
    EXPECT_EQ(wait(store().remember("key", "first")), "first");
    EXPECT_EQ(wait(store().remember("key", "second")), "first");
    wait(store().replace("key", "third"));
    wait(store().replace("other", std::string("\0\xff", 2)));
    reopen();
    EXPECT_EQ(wait(store().remember("key", "x")), "third");
    EXPECT_EQ(wait(store().remember("other", "x")), std::string("\0\xff", 2));
}

TEST_P(StateStoreContract, a_probe_succeeds_while_the_store_can_commit) {
    EXPECT_NO_THROW(wait(store().probe()));
    EXPECT_NO_THROW(wait(store().probe()));
}

TEST_P(StateStoreContract, concurrent_calls_are_all_durable_and_in_order) {
    std::vector<Task<RecordResult>> tasks;
    for (int i = 0; i < 300; ++i) {
        tasks.push_back(
            store().record_update(make_update("job", "f" + std::to_string(i), ProcessState::in_progress), at(i)));
    }
    const auto results = loop_.wait_all(std::move(tasks));
    EXPECT_EQ(results[0].outcome, Recorded::added);
    EXPECT_TRUE(
        std::is_sorted(results.begin(), results.end(), [](const auto& a, const auto& b) { return a.id < b.id; }));
    reopen();
    EXPECT_EQ(detail("job").updates.size(), 300U);
}

TEST_P(StateStoreContract, a_failing_call_does_not_disturb_its_neighbours) {
    const UpdateId id = record(make_update("job-1", "f1", ProcessState::completed), at(0)).id;
    std::vector<Task<void>> tasks;
    for (int i = 0; i < 50; ++i) {
        tasks.push_back(store().replace("name-" + std::to_string(i), "value"));
        SettleWatch unknown;
        unknown.watch = 4711;
        if (i == 25) tasks.push_back(store().settle_watch(unknown));
    }
    EXPECT_THROW(loop_.wait_all(std::move(tasks)), Error);
    for (int i = 0; i < 50; ++i)
        EXPECT_EQ(wait(store().remember("name-" + std::to_string(i), "lost")), "value");
    EXPECT_TRUE(commit(id, at(1)));
}

}  // namespace
}  // namespace signwatch::testing
