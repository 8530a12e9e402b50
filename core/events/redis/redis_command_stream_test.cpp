#include "core/events/redis/redis_command_stream.hpp"

#include <thread>

#include <boost/asio/steady_timer.hpp>

#include "core/events/redis/test_support.hpp"

namespace signwatch::redis {
namespace {

using namespace std::chrono_literals;
using signwatch::testing::RedisServer;

const std::string key = "signwatch:commands";

Task<bool> finish_all(CommandStream& stream, std::vector<CommandAnswer> answers) {
    co_await stream.finish(std::move(answers));
    co_return true;
}

/// One reader of commands on its own loop, and what its listener was told.
class Reader {
public:
    explicit Reader(const RedisServer& server, std::string consumer = "one") {
        CommandStreamNames names;
        names.consumer = std::move(consumer);
        names.abandoned_after = 100ms;
        auto listener = [this](bool connected, const std::string& reason) {
            states.push_back(connected ? "connected" : reason);
        };
        stream = make_command_stream(loop.get_executor(), settings_for(server), names, listener);
    }

    std::vector<Command> take(std::size_t limit = 10, std::chrono::milliseconds patience = 10ms) {
        return redis::finish(loop, stream->take(limit, patience));
    }
    // The texts of what is taken, each with the number of its deliveries.
    std::string texts(std::size_t limit = 10) {
        std::string all;
        for (const Command& command : take(limit))
            all += command.json + ":" + std::to_string(command.deliveries) + " ";
        return all;
    }
    void finish(std::vector<CommandAnswer> answers) { redis::finish(loop, finish_all(*stream, std::move(answers))); }

    boost::asio::io_context loop{1};
    std::vector<std::string> states;
    std::unique_ptr<CommandStream> stream;
};

void send(const RedisServer& server, const std::string& text) {
    server.cli({"XADD", key, "*", "ce", text});
}

CommandAnswer result_for(const Command& command) {
    CommandAnswer answer;
    answer.entry = command.entry;
    answer.result = CommandAnswer::Result{"id-" + command.json, "result of " + command.json};
    return answer;
}

CommandAnswer dead_letter_for(const Command& command) {
    CommandAnswer answer;
    answer.entry = command.entry;
    answer.dead = CommandAnswer::DeadLetter{"not_json", command.json};
    return answer;
}

std::string pending(const RedisServer& server) {
    const std::string summary = server.cli({"XPENDING", key, "signwatch"});
    return summary.substr(0, summary.find('\n'));
}

TEST(RedisCommandStream, gives_what_was_sent_before_and_after_it_came) {
    const RedisServer server;
    send(server, "a");
    Reader reader(server);
    EXPECT_EQ(reader.texts(), "a:1 ");
    EXPECT_EQ(pending(server), "1");
    EXPECT_EQ(reader.states, std::vector<std::string>{"connected"});
}

TEST(RedisCommandStream, an_entry_without_the_field_is_given_without_text) {
    const RedisServer server;
    server.cli({"XADD", key, "*", "other", "field"});
    EXPECT_EQ(Reader(server).texts(), ":1 ");
}

TEST(RedisCommandStream, answers_and_acknowledges_in_one) {
    const RedisServer server;
    Reader reader(server);
    for (const char* text : {"a", "b", "c"})
        send(server, text);
    const std::vector<Command> commands = reader.take();
    ASSERT_EQ(commands.size(), 3U);
    CommandAnswer silent;
    silent.entry = commands[2].entry;
    reader.finish({result_for(commands[0]), dead_letter_for(commands[1]), silent});
    EXPECT_EQ(pending(server), "0");
    const std::string results = server.cli({"XRANGE", key + ":results", "-", "+"});
    EXPECT_NE(results.find("\nce\nresult of a\nid\nid-a\n"), std::string::npos) << results;
    const std::string dead = server.cli({"XRANGE", key + ":dead", "-", "+"});
    EXPECT_NE(dead.find("\nce\nb\nreason\nnot_json\nentry\n" + to_string(commands[1].entry)), std::string::npos)
        << dead;
    EXPECT_EQ(reader.texts(), "");
}

TEST(RedisCommandStream, waits_for_something_new_and_no_longer_than_told) {
    const RedisServer server;
    Reader reader(server);
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_TRUE(reader.take(1, 300ms).empty());
    EXPECT_GE(std::chrono::steady_clock::now() - begun, 250ms);
    std::thread sender([&server] {
        std::this_thread::sleep_for(200ms);
        send(server, "late");
    });
    EXPECT_EQ(reader.take(1, 20s).size(), 1U);
    sender.join();
}

TEST(RedisCommandStream, takes_at_most_what_it_is_asked_for) {
    const RedisServer server;
    Reader reader(server);
    for (const char* text : {"a", "b", "c"})
        send(server, text);
    EXPECT_EQ(reader.texts(2), "a:1 b:1 ");
}

TEST(RedisCommandStream, gives_its_own_unfinished_ones_again_at_once_and_counts) {
    const RedisServer server;
    send(server, "a");
    send(server, "b");
    EXPECT_EQ(Reader(server).texts(1), "a:1 ");
    EXPECT_EQ(Reader(server).texts(), "a:2 ");
    Reader third(server);
    const std::vector<Command> again = third.take();
    ASSERT_EQ(again.size(), 1U);
    EXPECT_EQ(again[0].deliveries, 3);
    third.finish({result_for(again[0])});
    EXPECT_EQ(third.texts(), "b:1 ");
}

TEST(RedisCommandStream, takes_over_from_a_consumer_that_died) {
    const RedisServer server;
    send(server, "a");
    EXPECT_EQ(Reader(server, "dead").texts(), "a:1 ");
    Reader reader(server, "alive");
    std::this_thread::sleep_for(150ms);
    EXPECT_EQ(reader.texts(), "a:2 ");
    EXPECT_EQ(pending(server), "1");
}

TEST(RedisCommandStream, leaves_a_living_consumer_its_commands) {
    const RedisServer server;
    send(server, "a");
    CommandStreamNames names;
    names.consumer = "patient";
    Reader busy(server, "busy");
    EXPECT_EQ(busy.texts(), "a:1 ");
    boost::asio::io_context loop;
    const auto patient = make_command_stream(loop.get_executor(), settings_for(server), names);
    EXPECT_TRUE(finish(loop, patient->take(10, 10ms)).empty());
}

TEST(RedisCommandStream, acknowledges_what_was_deleted_meanwhile) {
    const RedisServer server;
    send(server, "a");
    send(server, "b");
    EXPECT_EQ(Reader(server).texts(), "a:1 b:1 ");
    const std::string first = server.cli({"XRANGE", key, "-", "+", "COUNT", "1"});
    server.cli({"XDEL", key, first.substr(0, first.find('\n'))});
    EXPECT_EQ(Reader(server).texts(), "b:2 ");
    EXPECT_EQ(pending(server), "1");
    server.cli({"XTRIM", key, "MAXLEN", "0"});
    EXPECT_EQ(Reader(server).texts(), "");
    EXPECT_EQ(pending(server), "0");
}

TEST(RedisCommandStream, keeps_group_and_unfinished_ones_over_a_killed_server) {
    RedisServer server({.append_only = true, .extra = {}});
    Reader reader(server);
    send(server, "a");
    const std::vector<Command> commands = reader.take();
    ASSERT_EQ(commands.size(), 1U);
    server.kill();
    expect_error(ErrorKind::transient, "redis_io", [&] { reader.finish({result_for(commands[0])}); });
    expect_error(ErrorKind::transient, "redis_connect", [&] { reader.take(); });
    server.start();
    reader.finish({result_for(commands[0])});
    EXPECT_EQ(pending(server), "0");
    EXPECT_EQ(server.cli({"XLEN", key + ":results"}), "1\n");
    EXPECT_EQ(reader.texts(), "");
    EXPECT_EQ(reader.states, (std::vector<std::string>{"connected", "redis_io", "connected"}));
}

TEST(RedisCommandStream, makes_the_group_again_after_a_flush) {
    const RedisServer server;
    Reader reader(server);
    EXPECT_EQ(reader.texts(), "");
    server.cli({"FLUSHALL"});
    send(server, "before the group");
    std::vector<Command> commands = reader.take();
    ASSERT_EQ(commands.size(), 1U);
    EXPECT_EQ(commands[0].json, "before the group");
    reader.finish({result_for(commands[0])});
    std::thread flusher([&server] {
        std::this_thread::sleep_for(200ms);
        server.cli({"FLUSHALL"});
        send(server, "while it waits");
    });
    commands = reader.take(10, 20s);
    flusher.join();
    ASSERT_EQ(commands.size(), 1U);
    EXPECT_EQ(commands[0].json, "while it waits");
    EXPECT_EQ(reader.states, std::vector<std::string>{"connected"});
}

TEST(RedisCommandStream, an_answer_after_a_flush_is_no_failure) {
    const RedisServer server;
    Reader reader(server);
    send(server, "a");
    const std::vector<Command> commands = reader.take();
    server.cli({"FLUSHALL"});
    reader.finish({result_for(commands.at(0))});
    EXPECT_EQ(server.cli({"XLEN", key + ":results"}), "1\n");
}

TEST(RedisCommandStream, gives_up_a_command_that_is_too_large_to_be_read) {
    const RedisServer server;
    send(server, "a");
    server.cli({"EVAL", "return redis.call('XADD', KEYS[1], '*', 'ce', string.rep('x', 17*1024*1024))", "1", key});
    send(server, "b");
    Reader reader(server);
    expect_error(ErrorKind::transient, "redis_protocol", [&] { reader.take(); });
    std::vector<Command> commands = reader.take();
    ASSERT_EQ(commands.size(), 1U);
    EXPECT_EQ(commands[0].json, "a");
    reader.finish({result_for(commands[0])});
    for (int i = 0; i < 7; ++i)
        expect_error(ErrorKind::transient, "redis_protocol", [&] { reader.take(); });
    commands = reader.take();
    ASSERT_EQ(commands.size(), 1U);
    EXPECT_EQ(commands[0].json, "");
    EXPECT_EQ(commands[0].deliveries, 9);
    reader.finish({dead_letter_for(commands[0])});
    EXPECT_EQ(reader.texts(), "b:2 ");
}

TEST(RedisCommandStream, cuts_dead_letters) {
    const RedisServer server;
    Reader reader(server);
    send(server, "a");
    Command command = reader.take().at(0);
    command.json = std::string(65'535, 'x') + "ø and more";
    reader.finish({dead_letter_for(command)});
    const std::string dead = server.cli({"XRANGE", key + ":dead", "-", "+"});
    EXPECT_NE(dead.find("\n" + std::string(65'535, 'x') + "\nreason\n"), std::string::npos);
}

TEST(RedisCommandStream, refuses_keys_of_another_type_before_it_takes_anything) {
    const RedisServer server;
    send(server, "a");
    for (const std::string suffix : {":results", ":dead"}) {
        server.cli({"SET", key + suffix, "text"});
        Reader reader(server);
        expect_error(ErrorKind::permanent, "redis_wrongtype", [&] { reader.take(); });
        EXPECT_TRUE(pending(server).starts_with("NOGROUP")) << "it has not even asked for them";
        server.cli({"DEL", key + suffix});
    }
    server.cli({"SET", key, "text"});
    Reader reader(server);
    expect_error(ErrorKind::permanent, "redis_wrongtype", [&] { reader.take(); });
}

TEST(RedisCommandStream, a_full_memory_acknowledges_nothing) {
    const RedisServer server;
    Reader reader(server);
    send(server, "a");
    const std::vector<Command> commands = reader.take();
    server.cli({"CONFIG", "SET", "maxmemory", "1"});
    expect_error(ErrorKind::transient, "redis_oom", [&] { reader.finish({result_for(commands.at(0))}); });
    EXPECT_EQ(pending(server), "1");
    server.cli({"CONFIG", "SET", "maxmemory", "0"});
    reader.finish({result_for(commands.at(0))});
    EXPECT_EQ(pending(server), "0");
}

TEST(RedisCommandStream, stops_while_it_waits) {
    const RedisServer server;
    Reader reader(server);
    EXPECT_TRUE(reader.take().empty());
    boost::asio::steady_timer timer(reader.loop, 100ms);
    timer.async_wait([&](const boost::system::error_code&) { reader.stream->stop(); });
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_TRUE(reader.take(1, 60s).empty());
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 30s);
    EXPECT_TRUE(reader.take(1, 60s).empty());
    EXPECT_EQ(reader.states, std::vector<std::string>{"connected"});
}

TEST(RedisCommandStream, needs_no_more_than_the_documented_permissions) {
    const RedisServer server;
    server.cli({"ACL",
                "SETUSER",
                "default",
                "resetkeys",
                "~signwatch:commands",
                "~signwatch:commands:results",
                "~signwatch:commands:dead",
                "resetchannels",
                "-@all",
                "+multi",
                "+exec",
                "+xgroup|create",
                "+xreadgroup",
                "+xpending",
                "+xclaim",
                "+xack",
                "+xadd",
                "+xlen"});
    send(server, "a");
    EXPECT_EQ(Reader(server).texts(), "a:1 ");
    Reader reader(server);
    const std::vector<Command> commands = reader.take();
    ASSERT_EQ(commands.size(), 1U);
    EXPECT_EQ(commands[0].deliveries, 2);
    reader.finish({result_for(commands[0])});
    EXPECT_EQ(reader.texts(), "");
}

}  // namespace
}  // namespace signwatch::redis
