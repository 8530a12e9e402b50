#include "core/events/redis/redis_event_stream.hpp"

#include <map>
#include <set>

#include "core/events/redis/test_support.hpp"
#include "tests/fakes/memory_event_stream.hpp"

namespace signwatch::redis {
namespace {

using signwatch::testing::outbox_event;
using signwatch::testing::RedisServer;

const std::string key = "signwatch:events";

TEST(RedisEventStream, writes_the_documented_fields) {
    const RedisServer server;
    Client client(settings_for(server));
    OutboxEvent event = outbox_event(12, 3);
    event.message.sequence = 41;
    event.message.json = "{\"text\":\"blåbær \\u0000\"}";
    client.publish({}, {event, outbox_event(13)});
    EXPECT_EQ(
        server.cli({"XRANGE", key, "-", "12-3"}),
        "12-3\nce\n{\"text\":\"blåbær \\u0000\"}\nid\nevent-12-3\ntype\nio.signwatch.test.v1\nkey\nposten/main/12\n"
        "seq\n00000000000000000041\n");
    EXPECT_EQ(server.cli({"XLEN", key}), "2\n");
}

TEST(RedisEventStream, writes_sequences_and_bodies_of_any_size) {
    const RedisServer server;
    Client client(settings_for(server));
    OutboxEvent event = outbox_event(1);
    event.message.sequence = std::numeric_limits<std::uint64_t>::max();
    event.message.json.assign(1'500'000, 'x');
    const PublishResult result = client.publish({}, {event});
    EXPECT_EQ(result.end, event.entry);
    EXPECT_EQ(server.cli({"XRANGE", key, "-", "+"}).find("seq\n18446744073709551615\n") != std::string::npos, true);
    EXPECT_EQ(client.publish({}, {event}).end, event.entry);
}

TEST(RedisEventStream, notices_a_restart_without_persistence_before_writing_anything_newer) {
    RedisServer server;
    Client client(settings_for(server));
    client.publish({}, {outbox_event(1), outbox_event(2)});
    server.kill();
    server.start();
    const PublishResult result = client.publish({2, 0}, {outbox_event(3)});
    EXPECT_FALSE(result.intact);
    EXPECT_EQ(result.end, EntryId{});
    EXPECT_EQ(server.cli({"EXISTS", key}), "0\n");
}

TEST(RedisEventStream, keeps_what_an_append_only_server_had_persisted) {
    RedisServer server({.append_only = true, .extra = {}});
    Client client(settings_for(server));
    client.publish({}, {outbox_event(1), outbox_event(2)});
    server.kill();
    server.start();
    EXPECT_EQ(client.publish({2, 0}, {outbox_event(3)}).end, (EntryId{3, 0}));
    EXPECT_EQ(server.cli({"XLEN", key}), "3\n");
}

TEST(RedisEventStream, notices_a_flush_and_a_deleted_key_on_the_live_connection) {
    const RedisServer server;
    Client client(settings_for(server));
    for (const std::vector<std::string>& loss :
         {std::vector<std::string>{"FLUSHALL"}, {"DEL", key}, {"XTRIM", key, "MAXLEN", "0"}}) {
        client.publish({}, {outbox_event(1), outbox_event(2)});
        server.cli(loss);
        const bool trimmed = loss.front() == "XTRIM";
        EXPECT_EQ(client.publish({2, 0}, {outbox_event(3)}).intact, trimmed) << loss.front();
        server.cli({"DEL", key});
    }
    EXPECT_EQ(client.states(), std::vector<std::string>{"connected"});
}

TEST(RedisEventStream, keeps_an_entry_that_consumers_have_deleted_in_order) {
    const RedisServer server;
    Client client(settings_for(server));
    client.publish({}, {outbox_event(1), outbox_event(2)});
    server.cli({"XDEL", key, "2-0"});
    EXPECT_EQ(client.end(), (EntryId{2, 0}));
    EXPECT_TRUE(client.publish({2, 0}, {outbox_event(3)}).intact);
}

TEST(RedisEventStream, waits_out_a_full_memory) {
    const RedisServer server;
    Client client(settings_for(server));
    client.publish({}, {outbox_event(1)});
    server.cli({"CONFIG", "SET", "maxmemory", "1"});
    expect_error(ErrorKind::transient, "redis_oom", [&] {
        client.publish({1, 0}, {outbox_event(2), outbox_event(3)});
    });
    EXPECT_EQ(server.cli({"XLEN", key}), "1\n");
    server.cli({"CONFIG", "SET", "maxmemory", "0"});
    EXPECT_EQ(client.publish({1, 0}, {outbox_event(2), outbox_event(3)}).end, (EntryId{3, 0}));
    EXPECT_EQ(client.states(), (std::vector<std::string>{"connected", "redis_oom", "connected"}));
}

TEST(RedisEventStream, refuses_a_key_of_another_type) {
    const RedisServer server;
    Client client(settings_for(server));
    server.cli({"SET", key, "text"});
    expect_error(ErrorKind::permanent, "redis_wrongtype", [&] { client.publish({}, {outbox_event(1)}); });
    EXPECT_EQ(server.cli({"GET", key}), "text\n");
}

TEST(RedisEventStream, refuses_a_read_only_replica) {
    const RedisServer server;
    Client client(settings_for(server));
    client.publish({}, {outbox_event(1)});
    server.cli({"REPLICAOF", "127.0.0.1", "1"});
    expect_error(ErrorKind::transient, "redis_readonly", [&] { client.publish({1, 0}, {outbox_event(2)}); });
    server.cli({"REPLICAOF", "NO", "ONE"});
    EXPECT_EQ(client.publish({1, 0}, {outbox_event(2)}).end, (EntryId{2, 0}));
}

TEST(RedisEventStream, refuses_redis_cluster) {
    const RedisServer server({.append_only = false, .extra = {"--cluster-enabled", "yes"}});
    Client client(settings_for(server));
    expect_error(ErrorKind::transient, "redis_clusterdown", [&] { client.publish({}, {outbox_event(1)}); });
}

TEST(RedisEventStream, uses_the_database_it_is_told) {
    const RedisServer server;
    RedisSettings settings = settings_for(server);
    settings.database = 3;
    Client client(settings);
    client.publish({}, {outbox_event(1)});
    EXPECT_EQ(server.cli({"-n", "3", "XLEN", key}), "1\n");
    EXPECT_EQ(server.cli({"XLEN", key}), "0\n");
}

TEST(RedisEventStream, lets_concurrent_calls_take_turns) {
    const RedisServer server;
    Client client(settings_for(server));
    int done = 0;
    const auto count = [&done](const std::exception_ptr& error, auto) { done += error ? 0 : 1; };
    for (std::uint64_t i = 1; i <= 20; ++i) {
        boost::asio::co_spawn(client.loop(), client.stream().publish({i - 1, 0}, {outbox_event(i)}), count);
        boost::asio::co_spawn(client.loop(), client.stream().end(), count);
    }
    client.loop().run();
    EXPECT_EQ(done, 40);
    EXPECT_EQ(server.cli({"XLEN", key}), "20\n");
}

struct Outcomes {
    std::set<std::uint64_t> taken;
    std::map<std::string, int> errors;
    int displaced = 0;
};

// Publishes pairs of events whose ids grow with the rounds, while somebody else does the same: each pair is taken or
// not.
Task<void> compete(EventStream& stream, std::uint64_t parity, Outcomes& outcomes) {
    for (std::uint64_t round = 1; round <= 100; ++round) {
        const std::uint64_t ms = 2 * round + parity;
        std::vector<OutboxEvent> batch;
        batch.push_back(outbox_event(ms, 0));
        batch.push_back(outbox_event(ms, 1));
        const EntryId nowhere;
        try {
            const PublishResult result = co_await stream.publish(nowhere, std::move(batch));
            if (result.displaced.empty())
                outcomes.taken.insert(ms);
            else
                ++outcomes.displaced;
        } catch (const Error& error) {
            ++outcomes.errors[error.code()];
        }
    }
}

TEST(RedisEventStream, writes_all_or_nothing_when_others_write_too) {
    const RedisServer server;
    boost::asio::io_context loop;
    const auto one = make_event_stream(loop.get_executor(), settings_for(server));
    const auto two = make_event_stream(loop.get_executor(), settings_for(server));
    Outcomes first;
    Outcomes second;
    const auto rethrow = [](const std::exception_ptr& error) {
        if (error) std::rethrow_exception(error);
    };
    boost::asio::co_spawn(loop, compete(*one, 0, first), rethrow);
    boost::asio::co_spawn(loop, compete(*two, 1, second), rethrow);
    loop.run();
    first.errors.merge(second.errors);
    first.errors.erase("stream_contended");
    EXPECT_TRUE(first.errors.empty());
    first.taken.merge(second.taken);
    EXPECT_EQ(server.cli({"XLEN", key}), std::to_string(2 * first.taken.size()) + "\n");
    for (const std::uint64_t ms : first.taken) {
        const std::string both = server.cli({"XRANGE", key, std::to_string(ms), std::to_string(ms)});
        EXPECT_NE(both.find("event-" + std::to_string(ms) + "-1"), std::string::npos);
    }
}

}  // namespace
}  // namespace signwatch::redis
