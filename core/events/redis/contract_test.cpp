#include <sstream>

#include "core/events/redis/test_support.hpp"
#include "tests/contract/event_stream_contract.hpp"
#include "tests/fakes/memory_event_stream.hpp"

namespace signwatch::testing {
namespace {

using redis::Client;
using redis::settings_for;

const std::string key = "signwatch:events";

class RedisUnderTest final : public StreamUnderTest {
public:
    EventStream& stream() override { return client_.stream(); }
    void intrude(EntryId entry, const std::string& event_id) override {
        server_.cli({"XADD", key, to_string(entry), "ce", "{}", "id", event_id});
    }
    void lose_all() override { server_.cli({"FLUSHALL"}); }
    void lose(EntryId entry) override { server_.cli({"XDEL", key, to_string(entry)}); }
    void trim(EntryId first) override { server_.cli({"XTRIM", key, "MINID", to_string(first)}); }
    std::vector<StreamEntry> entries() override;
    PublishResult finish(Task<PublishResult> task) override { return redis::finish(client_.loop(), std::move(task)); }
    EntryId finish(Task<EntryId> task) override { return redis::finish(client_.loop(), std::move(task)); }
    std::vector<std::int64_t> finish(Task<std::vector<std::int64_t>> task) override {
        return redis::finish(client_.loop(), std::move(task));
    }

private:
    RedisServer server_;
    Client client_{settings_for(server_)};
};

// redis-cli prints the entry id and then, line by line, names and values in turn.
std::vector<StreamEntry> RedisUnderTest::entries() {
    std::istringstream lines(server_.cli({"XRANGE", key, "-", "+"}));
    std::vector<StreamEntry> entries;
    for (std::string line; std::getline(lines, line);) {
        const auto id = parse_entry_id(line);
        if (id)
            entries.emplace_back(*id, "");
        else if (line == "id")
            std::getline(lines, entries.back().second);
    }
    return entries;
}

class MemoryUnderTest final : public StreamUnderTest {
public:
    EventStream& stream() override { return stream_; }
    void intrude(EntryId entry, const std::string& event_id) override;
    void lose_all() override { stream_.lose_tail(stream_.entries().size()); }
    void lose(EntryId entry) override { stream_.lose(entry); }
    void trim(EntryId first) override { stream_.trim(first); }
    std::vector<StreamEntry> entries() override;
    PublishResult finish(Task<PublishResult> task) override { return redis::finish(loop_, std::move(task)); }
    EntryId finish(Task<EntryId> task) override { return redis::finish(loop_, std::move(task)); }
    std::vector<std::int64_t> finish(Task<std::vector<std::int64_t>> task) override {
        return redis::finish(loop_, std::move(task));
    }

private:
    boost::asio::io_context loop_{1};
    MemoryEventStream stream_;
};

void MemoryUnderTest::intrude(EntryId entry, const std::string& event_id) {
    OutboxEvent event = outbox_event(entry.ms, entry.n);
    event.message.id = event_id;
    stream_.append(std::move(event));
}

std::vector<StreamEntry> MemoryUnderTest::entries() {
    std::vector<StreamEntry> entries;
    for (const OutboxEvent& event : stream_.entries())
        entries.emplace_back(event.entry, event.message.id);
    return entries;
}

template <typename Kind>
StreamCase stream_case(const std::string& name) {
    return {name, [] { return std::make_unique<Kind>(); }};
}

INSTANTIATE_TEST_SUITE_P(Streams,
                         EventStreamContract,
                         ::testing::Values(stream_case<RedisUnderTest>("Redis"),
                                           stream_case<MemoryUnderTest>("Memory")),
                         [](const auto& info) { return info.param.name; });

TEST(MemoryEventStream, fails_when_told_to) {
    boost::asio::io_context loop;
    MemoryEventStream stream;
    const Error error(ErrorKind::transient, "redis_io", "broken");
    stream.fail_with(error);
    EXPECT_THROW(redis::finish(loop, stream.publish({}, {outbox_event(1)})), Error);
    EXPECT_THROW(redis::finish(loop, stream.end()), Error);
    EXPECT_TRUE(stream.entries().empty());
    stream.fail_with({});
    stream.lose_next_reply(error);
    EXPECT_THROW(redis::finish(loop, stream.publish({}, {outbox_event(1)})), Error);
    EXPECT_EQ(stream.entries().size(), 1U);
    EXPECT_EQ(redis::finish(loop, stream.publish({}, {outbox_event(1)})).end, (EntryId{1, 0}));
}

}  // namespace
}  // namespace signwatch::testing
