#include "core/events/redis/redirection.hpp"

#include <gtest/gtest.h>

#include "core/domain/error.hpp"

namespace signwatch::redis {
namespace {

const Address here{"192.0.2.1", 6379, ""};

Value text_reply(Value::Kind kind, std::string text) {
    Value value;
    value.kind = kind;
    value.text = std::move(text);
    return value;
}

std::optional<Redirection> lead(const std::string& error) {
    return redirection_in({text_reply(Value::Kind::status, "OK"), text_reply(Value::Kind::error, error)}, here);
}

TEST(Redirection, says_where_a_key_is) {
    const auto moved = lead("MOVED 3999 192.0.2.7:6381");
    ASSERT_TRUE(moved);
    EXPECT_EQ(moved->to, (Address{"192.0.2.7", 6381, ""}));
    EXPECT_FALSE(moved->once);
    const auto asked = lead("ASK 3999 node-3.example.org:6381");
    ASSERT_TRUE(asked);
    EXPECT_EQ(asked->to.host, "node-3.example.org");
    EXPECT_TRUE(asked->once);
    EXPECT_EQ(lead("MOVED 3999 2001:db8::7:6381")->to, (Address{"2001:db8::7", 6381, ""}));
    EXPECT_EQ(lead("MOVED 3999 :6381")->to, (Address{"192.0.2.1", 6381, ""}));
}

TEST(Redirection, is_no_other_reply) {
    EXPECT_FALSE(lead("ERR no such key"));
    EXPECT_FALSE(lead("CLUSTERDOWN Hash slot not served"));
    EXPECT_FALSE(redirection_in({text_reply(Value::Kind::text, "MOVED 1 a:1")}, here));
}

TEST(Redirection, to_nowhere_is_refused) {
    for (const char* const wrong : {"MOVED 3999",
                                    "MOVED 3999 host",
                                    "MOVED 3999 host:0",
                                    "MOVED 3999 host:65536",
                                    "ASK 3999 host:1x",
                                    "MOVED 1 ?:6379"})
        EXPECT_THROW(lead(wrong), Error) << wrong;
}

TEST(AskingCommands, precede_each_command_but_not_within_a_transaction) {
    std::string commands;
    append_command(commands, {"WATCH", "key"});
    append_command(commands, {"MULTI"});
    append_command(commands, {"XADD", "key", "1-0", "ce", "*2\r\n$4\r\nEXEC\r\n"});
    append_command(commands, {"EXEC"});
    append_command(commands, {"UNWATCH"});
    std::string wanted;
    append_command(wanted, {"ASKING"});
    append_command(wanted, {"WATCH", "key"});
    append_command(wanted, {"ASKING"});
    append_command(wanted, {"MULTI"});
    append_command(wanted, {"XADD", "key", "1-0", "ce", "*2\r\n$4\r\nEXEC\r\n"});
    append_command(wanted, {"EXEC"});
    append_command(wanted, {"ASKING"});
    append_command(wanted, {"UNWATCH"});
    const AskingCommands asking(commands);
    EXPECT_EQ(asking.text(), wanted);
    EXPECT_EQ(asking.replies(5), 8U);
    std::vector<Value> replies;
    for (const char* const word : {"a1", "watch", "a2", "multi", "queued", "exec", "a3", "unwatch"})
        replies.push_back(text_reply(Value::Kind::status, word));
    std::string left;
    for (const Value& reply : asking.without_asking(replies))
        left += reply.text + " ";
    EXPECT_EQ(left, "watch multi queued exec unwatch ");
}

}  // namespace
}  // namespace signwatch::redis
