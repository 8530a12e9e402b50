#include <fstream>
#include <optional>
#include <thread>

#include "core/events/redis/redis_command_stream.hpp"
#include "core/events/redis/test_support.hpp"
#include "tests/fakes/memory_event_stream.hpp"

namespace signwatch::redis {
namespace {

using namespace std::chrono_literals;
using signwatch::testing::ChildProcess;
using signwatch::testing::free_port;
using signwatch::testing::outbox_event;
using signwatch::testing::RedisServer;
using signwatch::testing::TempDir;

const std::string key = "signwatch:events";

void follow(const RedisServer& replica, const RedisServer& master) {
    master.cli({"CONFIG", "SET", "repl-diskless-sync-delay", "0"});
    replica.cli({"REPLICAOF", "127.0.0.1", std::to_string(master.port())});
    while (replica.cli({"INFO", "replication"}).find("master_link_status:up") == std::string::npos)
        std::this_thread::sleep_for(5ms);
}

void lead(const RedisServer& server) {
    server.cli({"REPLICAOF", "NO", "ONE"});
}

std::string length(const RedisServer& server) {
    return server.cli({"XLEN", key});
}

void wait_for_length(const RedisServer& replica, const std::string& wanted) {
    while (length(replica) != wanted)
        std::this_thread::sleep_for(5ms);
}

Address address_of(const RedisServer& server) {
    return {"127.0.0.1", server.port(), ""};
}

struct SeveralAddresses : ::testing::Test {
    RedisServer first;
    RedisServer second;
    RedisSettings settings = settings_for(first);

    SeveralAddresses() { settings.addresses.push_back(address_of(second)); }
};

TEST_F(SeveralAddresses, the_master_is_written_to) {
    follow(first, second);
    Client client(settings);
    EXPECT_EQ(client.publish({}, {outbox_event(1)}).end, (EntryId{1, 0}));
    EXPECT_EQ(length(second), "1\n");
    EXPECT_EQ(client.states(), std::vector<std::string>{"connected"});
}

TEST_F(SeveralAddresses, another_master_is_found_when_the_first_dies) {
    Client client(settings);
    follow(second, first);
    EXPECT_EQ(client.publish({}, {outbox_event(1)}).end, (EntryId{1, 0}));
    wait_for_length(second, "1\n");
    first.kill();
    expect_error(ErrorKind::transient, "redis_no_master", [&] { client.publish({1, 0}, {outbox_event(2)}); });
    lead(second);
    EXPECT_EQ(client.publish({1, 0}, {outbox_event(2)}).end, (EntryId{2, 0}));
    EXPECT_EQ(length(second), "2\n");
    EXPECT_EQ(client.states(), (std::vector<std::string>{"connected", "redis_no_master", "connected"}));
}

TEST_F(SeveralAddresses, a_master_without_the_tail_is_seen_through) {
    Client client(settings);
    client.publish({}, {outbox_event(1), outbox_event(2)});
    first.kill();
    second.cli({"XADD", key, "1-0", "id", "event-1-0"});
    const PublishResult result = client.publish({2, 0}, {outbox_event(3)});
    EXPECT_FALSE(result.intact);
    EXPECT_EQ(result.end, (EntryId{1, 0}));
    EXPECT_EQ(client.publish({1, 0}, {outbox_event(2), outbox_event(3)}).end, (EntryId{3, 0}));
    EXPECT_EQ(length(second), "3\n");
}

TEST_F(SeveralAddresses, a_master_that_has_become_a_replica_is_left_before_anything_is_sent) {
    Client client(settings);
    client.publish({}, {outbox_event(1)});
    second.cli({"XADD", key, "1-0", "id", "event-1-0"});
    follow(first, second);
    EXPECT_EQ(client.publish({1, 0}, {outbox_event(2)}).end, (EntryId{2, 0}));
    EXPECT_EQ(length(second), "2\n");
    EXPECT_EQ(client.states(), std::vector<std::string>{"connected"});
}

TEST_F(SeveralAddresses, nobody_is_written_to_while_there_is_no_master) {
    const RedisServer elsewhere;
    follow(first, elsewhere);
    follow(second, elsewhere);
    Client client(settings);
    expect_error(ErrorKind::transient, "redis_no_master", [&] { client.publish({}, {outbox_event(1)}); });
    EXPECT_EQ(length(elsewhere), "0\n");
    EXPECT_EQ(client.trouble(), "redis_no_master");
}

TEST_F(SeveralAddresses, a_wrong_password_is_told_even_if_others_are_away) {
    first.cli({"CONFIG", "SET", "requirepass", "secret"});
    second.kill();
    Client client(settings);
    expect_error(ErrorKind::unauthorized, "redis_auth", [&] { client.end(); });
}

TEST_F(SeveralAddresses, commands_are_read_where_the_master_is) {
    boost::asio::io_context loop;
    const auto stream = make_command_stream(loop.get_executor(), settings, {});
    const auto take = [&] {
        for (;;) {
            try {
                return finish(loop, stream->take(1, 10ms));
            } catch (const Error& error) {
                EXPECT_EQ(error.kind(), ErrorKind::transient) << error.code();
            }
        }
    };
    first.cli({"XADD", "signwatch:commands", "*", "ce", "one"});
    EXPECT_EQ(take().at(0).json, "one");
    follow(first, second);
    second.cli({"XADD", "signwatch:commands", "*", "ce", "two"});
    EXPECT_EQ(take().at(0).json, "two");
    stream->stop();
}

/// A real Sentinel that alone decides.
class Sentinel {
public:
    explicit Sentinel(const RedisServer& master, const std::string& more = "") {
        std::ofstream file(directory_.path() / "sentinel.conf");
        file << "port " << port_ << "\nbind 127.0.0.1\ndir " << directory_.path().string()
             << "\nsentinel monitor events 127.0.0.1 " << master.port()
             << " 1\nsentinel down-after-milliseconds events 1000\n"
             << more;
        file.close();
        process_.emplace(
            std::vector<std::string>{"redis-server", (directory_.path() / "sentinel.conf").string(), "--sentinel"});
    }

    Address address() const { return {"127.0.0.1", port_, ""}; }

private:
    TempDir directory_;
    int port_ = free_port();
    std::optional<ChildProcess> process_;
};

RedisSettings asking(const Sentinel& sentinel) {
    RedisSettings settings;
    settings.addresses.front().port = 1;
    settings.sentinels.addresses = {{"127.0.0.1", free_port(), ""}, sentinel.address()};
    settings.sentinels.master = "events";
    for (Access* access : {&settings.access, &settings.sentinels.access})
        access->connect_timeout = access->reply_timeout = 20s;
    return settings;
}

// Until the Sentinel listens.
std::string trouble_of(Client& client) {
    std::string trouble = "redis_connect";
    for (int i = 0; i < 2000 && trouble == "redis_connect"; ++i) {
        trouble = client.trouble();
        if (trouble == "redis_connect") std::this_thread::sleep_for(10ms);
    }
    return trouble;
}

TEST(RedisSentinel, says_where_the_master_is) {
    const RedisServer master;
    const Sentinel sentinel(master);
    Client client(asking(sentinel));
    EXPECT_EQ(trouble_of(client), "");
    EXPECT_EQ(client.publish({}, {outbox_event(1)}).end, (EntryId{1, 0}));
    EXPECT_EQ(length(master), "1\n");
}

TEST(RedisSentinel, leads_to_the_new_master_when_the_old_one_dies) {
    const RedisServer replica;
    RedisServer master;
    follow(replica, master);
    const Sentinel sentinel(master);
    Client client(asking(sentinel));
    EXPECT_EQ(trouble_of(client), "");
    EXPECT_EQ(client.publish({}, {outbox_event(1)}).end, (EntryId{1, 0}));
    wait_for_length(replica, "1\n");
    // It must have heard of the replica, which it does every ten seconds.
    const std::string port = std::to_string(asking(sentinel).sentinels.addresses.back().port);
    while (signwatch::testing::run({"redis-cli", "-p", port, "SENTINEL", "REPLICAS", "events"})
               .output.find(std::to_string(replica.port())) == std::string::npos)
        std::this_thread::sleep_for(50ms);
    master.kill();
    std::optional<PublishResult> result;
    for (int i = 0; i < 600 && !result; ++i) {
        try {
            result = client.publish({1, 0}, {outbox_event(2)});
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::transient) << error.code();
            std::this_thread::sleep_for(100ms);
        }
    }
    ASSERT_TRUE(result);
    EXPECT_TRUE(result->intact);
    EXPECT_EQ(length(replica), "2\n");
}

TEST(RedisSentinel, is_not_believed_when_it_names_a_replica) {
    const RedisServer master;
    const RedisServer replica;
    const Sentinel sentinel(replica);
    Client client(asking(sentinel));
    EXPECT_EQ(trouble_of(client), "");
    follow(replica, master);
    Client fresh(asking(sentinel));
    EXPECT_EQ(fresh.trouble(), "redis_no_master");
    EXPECT_EQ(client.trouble(), "redis_no_master");
}

TEST(RedisSentinel, that_does_not_know_the_name_is_told_so) {
    const RedisServer master;
    const Sentinel sentinel(master);
    RedisSettings settings = asking(sentinel);
    settings.sentinels.master = "others";
    Client client(settings);
    EXPECT_EQ(trouble_of(client), "redis_sentinel");
    expect_error(ErrorKind::permanent, "redis_sentinel", [&] { client.end(); });
}

TEST(RedisSentinel, has_a_password_of_its_own) {
    const RedisServer master;
    const Sentinel sentinel(master, "requirepass quiet\n");
    const TempDir directory;
    RedisSettings settings = asking(sentinel);
    Client nobody(settings);
    EXPECT_EQ(trouble_of(nobody), "redis_auth");
    settings.sentinels.access.password_file = directory.write("password", "quiet\n");
    Client client(settings);
    EXPECT_EQ(client.trouble(), "");
}

TEST(RedisSentinel, is_no_ordinary_server) {
    const RedisServer server;
    RedisSettings settings = settings_for(server);
    settings.sentinels.addresses = settings.addresses;
    settings.sentinels.master = "events";
    Client client(settings);
    expect_error(ErrorKind::permanent, "redis_error", [&] { client.end(); });
}

}  // namespace
}  // namespace signwatch::redis
