#include "tests/contract/event_stream_contract.hpp"

#include "core/domain/error.hpp"

namespace signwatch::testing {

namespace {

constexpr EntryId nowhere{};

std::vector<StreamEntry> entries_of(const std::vector<OutboxEvent>& batch) {
    std::vector<StreamEntry> entries;
    for (const OutboxEvent& event : batch)
        entries.emplace_back(event.entry, event.message.id);
    return entries;
}

struct Contract {
    std::unique_ptr<StreamUnderTest> test;

    PublishResult publish(EntryId expected_end, const std::vector<OutboxEvent>& batch) {
        return test->finish(test->stream().publish(expected_end, batch));
    }
    EntryId end() { return test->finish(test->stream().end()); }
    std::vector<std::int64_t> missing(const std::vector<OutboxEvent>& events) {
        return test->finish(test->stream().missing(events));
    }
};

void expect_taken(const PublishResult& result, EntryId end) {
    EXPECT_TRUE(result.intact);
    EXPECT_EQ(result.end, end);
    EXPECT_TRUE(result.displaced.empty());
}

TEST_P(EventStreamContract, a_stream_without_entries_ends_at_zero) {
    Contract contract{GetParam().make()};
    EXPECT_EQ(contract.end(), nowhere);
    expect_taken(contract.publish(nowhere, {}), nowhere);
}

TEST_P(EventStreamContract, appends_batches_in_order) {
    Contract contract{GetParam().make()};
    const std::vector<OutboxEvent> batch{outbox_event(7, 9), outbox_event(7, 10), outbox_event(8), outbox_event(1000)};
    expect_taken(contract.publish(nowhere, {batch[0], batch[1]}), {7, 10});
    expect_taken(contract.publish({7, 10}, {batch[2], batch[3]}), {1000, 0});
    EXPECT_EQ(contract.test->entries(), entries_of(batch));
    EXPECT_EQ(contract.end(), (EntryId{1000, 0}));
}

TEST_P(EventStreamContract, takes_a_batch_twice_and_holds_it_once) {
    Contract contract{GetParam().make()};
    const std::vector<OutboxEvent> batch{outbox_event(1), outbox_event(2), outbox_event(3)};
    contract.publish(nowhere, batch);
    expect_taken(contract.publish(nowhere, batch), {3, 0});
    expect_taken(contract.publish({3, 0}, batch), {3, 0});
    EXPECT_EQ(contract.test->entries(), entries_of(batch));
}

TEST_P(EventStreamContract, completes_a_batch_that_is_there_in_part) {
    Contract contract{GetParam().make()};
    const std::vector<OutboxEvent> batch{outbox_event(1), outbox_event(2), outbox_event(3), outbox_event(4)};
    contract.publish(nowhere, {batch[0], batch[1]});
    expect_taken(contract.publish(nowhere, batch), {4, 0});
    EXPECT_EQ(contract.test->entries(), entries_of(batch));
}

TEST_P(EventStreamContract, notices_a_lost_tail_and_writes_nothing) {
    Contract contract{GetParam().make()};
    contract.publish(nowhere, {outbox_event(1), outbox_event(2)});
    contract.test->lose_all();
    contract.test->intrude({1, 0}, "event-1-0");
    const PublishResult result = contract.publish({2, 0}, {outbox_event(3)});
    EXPECT_FALSE(result.intact);
    EXPECT_EQ(result.end, (EntryId{1, 0}));
    EXPECT_TRUE(result.displaced.empty());
    EXPECT_EQ(contract.test->entries().size(), 1U);
    EXPECT_FALSE(contract.publish({2, 0}, {}).intact);
}

TEST_P(EventStreamContract, takes_a_lost_tail_again) {
    Contract contract{GetParam().make()};
    const std::vector<OutboxEvent> batch{outbox_event(1), outbox_event(2), outbox_event(3)};
    contract.publish(nowhere, batch);
    contract.test->lose_all();
    EXPECT_EQ(contract.end(), nowhere);
    const PublishResult lost = contract.publish({3, 0}, {outbox_event(4)});
    EXPECT_FALSE(lost.intact);
    expect_taken(contract.publish(lost.end, batch), {3, 0});
    EXPECT_EQ(contract.test->entries(), entries_of(batch));
}

TEST_P(EventStreamContract, names_the_rows_that_a_higher_id_displaces) {
    Contract contract{GetParam().make()};
    contract.publish(nowhere, {outbox_event(1)});
    contract.test->intrude({5, 0}, "foreign");
    const PublishResult result =
        contract.publish({1, 0}, {outbox_event(1), outbox_event(3), outbox_event(4), outbox_event(6)});
    EXPECT_TRUE(result.intact);
    EXPECT_EQ(result.end, (EntryId{5, 0}));
    EXPECT_EQ(result.displaced, (std::vector<std::int64_t>{3000, 4000}));
    EXPECT_EQ(contract.test->entries(), (std::vector<StreamEntry>{{{1, 0}, "event-1-0"}, {{5, 0}, "foreign"}}));
}

TEST_P(EventStreamContract, does_not_take_another_event_with_the_same_entry_id_for_its_own) {
    Contract contract{GetParam().make()};
    contract.test->intrude({2, 0}, "foreign");
    const PublishResult result = contract.publish(nowhere, {outbox_event(2), outbox_event(3)});
    EXPECT_EQ(result.displaced, std::vector<std::int64_t>{2000});
    EXPECT_EQ(contract.test->entries().size(), 1U);
    expect_taken(contract.publish({2, 0}, {outbox_event(3)}), {3, 0});
}

using Rowids = std::vector<std::int64_t>;

TEST_P(EventStreamContract, tells_what_is_missing_in_the_middle_and_at_the_end) {
    Contract contract{GetParam().make()};
    const std::vector<OutboxEvent> batch{outbox_event(1), outbox_event(2), outbox_event(3), outbox_event(4)};
    EXPECT_EQ(contract.missing({}), Rowids{});
    EXPECT_EQ(contract.missing({batch[0]}), Rowids{1000});
    contract.publish(nowhere, batch);
    EXPECT_EQ(contract.missing(batch), Rowids{});
    contract.test->lose({3, 0});
    EXPECT_EQ(contract.missing(batch), Rowids{3000});
    EXPECT_EQ(contract.missing({batch[0], batch[2], outbox_event(5)}), (Rowids{3000, 5000}));
    contract.test->lose_all();
    EXPECT_EQ(contract.missing(batch), (Rowids{1000, 2000, 3000, 4000}));
}

TEST_P(EventStreamContract, does_not_miss_what_its_consumers_have_trimmed) {
    Contract contract{GetParam().make()};
    const std::vector<OutboxEvent> batch{outbox_event(1), outbox_event(2), outbox_event(3)};
    contract.publish(nowhere, batch);
    contract.test->trim({2, 0});
    EXPECT_EQ(contract.missing(batch), Rowids{});
    contract.test->trim({4, 0});
    EXPECT_EQ(contract.missing(batch), Rowids{});
    EXPECT_EQ(contract.missing({batch[2], outbox_event(4)}), Rowids{4000});
    EXPECT_EQ(contract.end(), (EntryId{3, 0}));
}

TEST_P(EventStreamContract, misses_what_another_event_has_taken_the_place_of) {
    Contract contract{GetParam().make()};
    contract.publish(nowhere, {outbox_event(1)});
    contract.test->intrude({2, 0}, "foreign");
    EXPECT_EQ(contract.missing({outbox_event(1), outbox_event(2)}), Rowids{2000});
}

TEST_P(EventStreamContract, refuses_a_batch_that_is_not_ascending) {
    Contract contract{GetParam().make()};
    const std::vector<std::vector<OutboxEvent>> wrong{
        {outbox_event(2), outbox_event(1)}, {outbox_event(1), outbox_event(1)}, {outbox_event(0, 0)}};
    for (const auto& batch : wrong) {
        try {
            contract.publish(nowhere, batch);
            ADD_FAILURE() << "taken";
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::permanent);
            EXPECT_EQ(error.code(), "stream_order");
        }
    }
    EXPECT_TRUE(contract.test->entries().empty());
}

}  // namespace
}  // namespace signwatch::testing
