#include "core/domain/stream_layout.hpp"

#include <set>

#include <gtest/gtest.h>

namespace signwatch {
namespace {

OutboxEvent event_of(const std::string& process, EntryId entry) {
    OutboxEvent event;
    event.entry = entry;
    event.message.partition_key = "posten/bank/" + process;
    return event;
}

TEST(StreamLayout, names_streams_so_that_each_has_a_place_of_its_own_in_a_cluster) {
    EXPECT_EQ(stream_name("signwatch:events", undivided), "signwatch:events");
    EXPECT_EQ(stream_name("signwatch:events", 0), "signwatch:events:{0}");
    EXPECT_EQ(stream_name("signwatch:events", 63), "signwatch:events:{63}");
}

// Consumers may compute it, and a daemon of tomorrow must find the same.
TEST(StreamLayout, divides_by_a_hash_that_never_changes) {
    const StreamLayout layout(8);
    EXPECT_EQ(layout.partition_of(event_of("1", {1, 0})), 3);
    EXPECT_EQ(layout.partition_of(event_of("2", {1, 0})), 6);
    EXPECT_EQ(layout.partition_of(event_of("4711", {1, 0})), 3);
    EXPECT_EQ(StreamLayout(1).partition_of(event_of("1", {1, 0})), undivided);
}

TEST(StreamLayout, uses_every_partition_and_keeps_a_process_together) {
    const StreamLayout layout(5);
    std::set<Partition> used;
    for (int i = 0; i < 200; ++i) {
        const Partition partition = layout.partition_of(event_of(std::to_string(i), {1, 0}));
        EXPECT_EQ(layout.partition_of(event_of(std::to_string(i), {9, 9})), partition);
        used.insert(partition);
    }
    EXPECT_EQ(used, (std::set<Partition>{0, 1, 2, 3, 4}));
}

TEST(StreamLayout, leaves_the_events_before_a_change_where_they_are) {
    StreamLayout layout(1);
    layout.divide_after({100, 2}, 4);
    layout.divide_after({200, 0}, 2);
    EXPECT_EQ(layout.partitions(), 2);
    EXPECT_EQ(layout.partition_of(event_of("1", {100, 2})), undivided);
    EXPECT_EQ(layout.partition_of(event_of("1", {100, 3})), StreamLayout(4).partition_of(event_of("1", {1, 0})));
    EXPECT_EQ(layout.partition_of(event_of("1", {200, 1})), StreamLayout(2).partition_of(event_of("1", {1, 0})));
    EXPECT_EQ(layout.all(), (std::vector<Partition>{undivided, 0, 1, 2, 3}));
    EXPECT_EQ(layout.span_of(undivided), (StreamLayout::Span{{}, EntryId{100, 2}}));
    EXPECT_EQ(layout.span_of(3), (StreamLayout::Span{{100, 2}, EntryId{200, 0}}));
    EXPECT_EQ(layout.span_of(1), (StreamLayout::Span{{100, 2}, std::nullopt}));
}

TEST(StreamLayout, forgets_a_number_that_no_event_went_by) {
    StreamLayout layout(1);
    layout.divide_after({}, 4);
    EXPECT_EQ(layout, StreamLayout(4));
    layout.divide_after({5, 0}, 8);
    layout.divide_after({5, 0}, 4);
    EXPECT_EQ(layout, StreamLayout(4));
}

TEST(StreamLayout, is_kept_as_a_text) {
    StreamLayout layout(1);
    layout.divide_after({1700000000000, 7}, 16);
    EXPECT_EQ(layout.text(), "1@0-0 16@1700000000000-7");
    EXPECT_EQ(StreamLayout::parse(layout.text()), layout);
    for (const char* const wrong :
         {"", "1", "1@", "0@0-0", "65@0-0", "1@5-0", "1@0-0 2@0-0", "1@0-0 2@9-0 4@8-0", "x@0-0"})
        EXPECT_EQ(StreamLayout::parse(wrong), std::nullopt) << wrong;
}

}  // namespace
}  // namespace signwatch
