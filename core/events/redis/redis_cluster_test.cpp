// A real Redis Cluster of three masters: slots move, nodes die.
#include <array>
#include <set>
#include <stdexcept>
#include <thread>

#include "core/events/redis/redis_command_stream.hpp"
#include "core/events/redis/test_support.hpp"
#include "tests/fakes/memory_event_stream.hpp"

namespace signwatch::redis {
namespace {

using namespace std::chrono_literals;
using signwatch::testing::free_port;
using signwatch::testing::outbox_event;
using signwatch::testing::RedisServer;

const std::string key = "signwatch:events";

struct Node {
    int bus_port = free_port();
    RedisServer server{RedisServer::Options{true,
                                            {"--cluster-enabled",
                                             "yes",
                                             "--cluster-port",
                                             std::to_string(bus_port),
                                             "--cluster-node-timeout",
                                             "2000",
                                             "--cluster-require-full-coverage",
                                             "no"}}};

    std::string id() const {
        const std::string text = server.cli({"CLUSTER", "MYID"});
        return text.substr(0, text.find('\n'));
    }
    bool sees(int nodes) const {
        const std::string info = server.cli({"CLUSTER", "INFO"});
        return info.find("cluster_state:ok") != std::string::npos &&
               info.find("cluster_slots_ok:16384") != std::string::npos &&
               info.find("cluster_known_nodes:" + std::to_string(nodes)) != std::string::npos;
    }
    Address address() const { return {"127.0.0.1", server.port(), ""}; }
    /// How often it has said that a key is elsewhere.
    bool has_said(const std::string& word) const {
        return server.cli({"INFO", "errorstats"}).find("errorstat_" + word + ":") != std::string::npos;
    }
};

struct RedisCluster : ::testing::Test {
    std::array<Node, 3> nodes;
    RedisSettings settings = settings_for(nodes[0].server);

    RedisCluster() {
        settings.cluster = true;
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            const std::size_t first = 16384 * i / 3;
            const std::size_t last = 16384 * (i + 1) / 3 - 1;
            nodes[i].server.cli({"CLUSTER", "ADDSLOTSRANGE", std::to_string(first), std::to_string(last)});
            nodes[i].server.cli({"CLUSTER", "SET-CONFIG-EPOCH", std::to_string(i + 1)});
            if (i == 0) continue;
            nodes[0].server.cli({"CLUSTER",
                                 "MEET",
                                 "127.0.0.1",
                                 std::to_string(nodes[i].server.port()),
                                 std::to_string(nodes[i].bus_port)});
        }
        for (const Node& node : nodes) {
            while (!node.sees(3))
                std::this_thread::sleep_for(20ms);
        }
    }

    /// The node that has it; the others only say where it is.
    const Node& owner_of(const std::string& stream) const {
        for (const Node& node : nodes) {
            if (node.server.cli({"XLEN", stream}).find("MOVED") == std::string::npos) return node;
        }
        throw std::logic_error("nobody has " + stream);
    }
    const Node& another_than(const Node& one) const { return &one == &nodes[0] ? nodes[1] : nodes[0]; }
    std::string slot_of(const std::string& stream) const {
        const std::string text = nodes[0].server.cli({"CLUSTER", "KEYSLOT", stream});
        return text.substr(0, text.find('\n'));
    }
};

TEST_F(RedisCluster, each_partition_is_found_at_its_node) {
    boost::asio::io_context loop;
    settings.partitions = 8;
    const auto streams = make_event_streams(loop.get_executor(), settings);
    std::set<const Node*> used;
    for (Partition each = 0; each < 8; ++each) {
        EXPECT_EQ(finish(loop, streams->at(each).publish({}, {outbox_event(1)})).end, (EntryId{1, 0}));
        const std::string stream = stream_name(key, each);
        EXPECT_EQ(owner_of(stream).server.cli({"XLEN", stream}), "1\n");
        used.insert(&owner_of(stream));
    }
    EXPECT_EQ(used.size(), 3U);
}

TEST_F(RedisCluster, a_stream_is_followed_while_its_slot_moves_and_after) {
    const Node& source = owner_of(key);
    const Node& target = another_than(source);
    const std::string slot = slot_of(key);
    Client client(settings);
    EXPECT_EQ(client.publish({}, {outbox_event(1)}).end, (EntryId{1, 0}));
    target.server.cli({"CLUSTER", "SETSLOT", slot, "IMPORTING", source.id()});
    source.server.cli({"CLUSTER", "SETSLOT", slot, "MIGRATING", target.id()});
    EXPECT_EQ(client.publish({1, 0}, {outbox_event(2)}).end, (EntryId{2, 0}));
    source.server.cli({"MIGRATE", "127.0.0.1", std::to_string(target.server.port()), key, "0", "5000"});
    EXPECT_EQ(client.publish({2, 0}, {outbox_event(3), outbox_event(4)}).end, (EntryId{4, 0}));
    EXPECT_TRUE(source.has_said("ASK"));
    EXPECT_EQ(client.publish({2, 0}, {outbox_event(3), outbox_event(4), outbox_event(5)}).end, (EntryId{5, 0}));
    EXPECT_EQ(finish(client.loop(), client.stream().missing({outbox_event(1), outbox_event(6)})),
              std::vector<std::int64_t>{6000});
    for (const Node* node : {&target, &source})
        node->server.cli({"CLUSTER", "SETSLOT", slot, "NODE", target.id()});
    EXPECT_EQ(client.publish({5, 0}, {outbox_event(6)}).end, (EntryId{6, 0}));
    EXPECT_EQ(target.server.cli({"XLEN", key}), "6\n");
    EXPECT_EQ(client.states(), std::vector<std::string>{"connected"});
}

TEST_F(RedisCluster, a_stream_is_followed_to_the_node_it_has_moved_to) {
    const Node& source = owner_of(key);
    const Node& target = another_than(source);
    Client client(settings);
    client.publish({}, {outbox_event(1)});
    source.server.cli({"DEL", key});
    for (const Node* node : {&target, &source})
        node->server.cli({"CLUSTER", "SETSLOT", slot_of(key), "NODE", target.id()});
    const PublishResult result = client.publish({1, 0}, {outbox_event(2)});
    EXPECT_FALSE(result.intact);
    EXPECT_EQ(client.publish({}, {outbox_event(1), outbox_event(2)}).end, (EntryId{2, 0}));
    EXPECT_TRUE(source.has_said("MOVED"));
    EXPECT_EQ(target.server.cli({"XLEN", key}), "2\n");
}

TEST_F(RedisCluster, any_node_that_lives_leads_on) {
    Node& owner = const_cast<Node&>(owner_of(key));
    settings.addresses = {{"127.0.0.1", free_port(), ""}, another_than(owner).address()};
    Client client(settings);
    EXPECT_EQ(client.publish({}, {outbox_event(1)}).end, (EntryId{1, 0}));
    owner.server.kill();
    expect_error(ErrorKind::transient, "redis_connect", [&] { client.publish({1, 0}, {outbox_event(2)}); });
    owner.server.start();
    std::string trouble = client.trouble();
    for (int i = 0; i < 1000 && !trouble.empty(); ++i) {
        std::this_thread::sleep_for(20ms);
        trouble = client.trouble();
    }
    EXPECT_EQ(trouble, "");
    EXPECT_EQ(client.publish({1, 0}, {outbox_event(2)}).end, (EntryId{2, 0}));
}

TEST_F(RedisCluster, commands_and_their_answers_share_a_place) {
    CommandStreamNames names;
    names.key = "{signwatch}:commands";
    const Node& owner = owner_of(names.key);
    settings.addresses = {another_than(owner).address()};
    boost::asio::io_context loop;
    const auto stream = make_command_stream(loop.get_executor(), settings, names);
    owner.server.cli({"XADD", names.key, "*", "ce", "one"});
    EXPECT_EQ(finish(loop, stream->take(1, 10ms)).at(0).json, "one");
    stream->stop();
}

TEST_F(RedisCluster, is_refused_where_nobody_has_said_that_it_is_one) {
    settings.cluster = false;
    settings.addresses = {another_than(owner_of(key)).address()};
    Client client(settings);
    expect_error(ErrorKind::permanent, "redis_cluster", [&] { client.publish({}, {outbox_event(1)}); });
}

}  // namespace
}  // namespace signwatch::redis
