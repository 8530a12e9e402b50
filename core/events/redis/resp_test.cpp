#include "core/events/redis/resp.hpp"

#include <gtest/gtest.h>

#include "core/domain/error.hpp"
#include "core/events/redis/reply_error.hpp"

namespace signwatch::redis {
namespace {

using namespace std::string_view_literals;

std::string nested(int depth) {
    std::string bytes;
    for (int i = 0; i < depth; ++i)
        bytes += "*1\r\n";
    return bytes + ":1\r\n";
}

void expect_protocol_error(ReplyReader& reader, std::string_view bytes) {
    try {
        reader.feed(bytes);
        while (reader.next()) {
        }
        ADD_FAILURE() << "accepted: " << bytes.substr(0, 40);
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), "redis_protocol");
        EXPECT_EQ(error.kind(), ErrorKind::transient);
    }
}

TEST(Resp, formats_commands_with_any_bytes) {
    std::string commands;
    append_command(commands, {"SET", std::string_view("k\0\r\n", 4), ""});
    EXPECT_EQ(commands, "*3\r\n$3\r\nSET\r\n$4\r\nk\0\r\n\r\n$0\r\n\r\n"sv);
}

TEST(Resp, reads_every_kind_of_reply) {
    ReplyReader reader;
    reader.feed("+OK\r\n-ERR no\r\n:-42\r\n$3\r\na\r\n\r\n$-1\r\n*-1\r\n*0\r\n*2\r\n*1\r\n$1\r\nx\r\n:7\r\n");
    EXPECT_EQ(reader.next()->text, "OK");
    const auto error = reader.next();
    EXPECT_TRUE(error->is_error());
    EXPECT_EQ(error->text, "ERR no");
    EXPECT_EQ(reader.next()->integer, -42);
    const auto text = reader.next();
    EXPECT_EQ(text->kind, Value::Kind::text);
    EXPECT_EQ(text->text, "a\r\n");
    EXPECT_EQ(reader.next()->kind, Value::Kind::nil);
    EXPECT_EQ(reader.next()->kind, Value::Kind::nil);
    const auto empty = reader.next();
    EXPECT_EQ(empty->kind, Value::Kind::array);
    EXPECT_TRUE(empty->elements.empty());
    const auto array = reader.next();
    ASSERT_EQ(array->elements.size(), 2U);
    ASSERT_EQ(array->elements[0].elements.size(), 1U);
    EXPECT_EQ(array->elements[0].elements[0].text, "x");
    EXPECT_EQ(array->elements[1].integer, 7);
    EXPECT_FALSE(reader.next());
}

TEST(Resp, reads_replies_that_come_byte_by_byte) {
    ReplyReader reader;
    const std::string bytes = "*3\r\n$5\r\nhello\r\n*2\r\n:1\r\n+x\r\n$-1\r\n";
    std::optional<Value> value;
    for (const char& byte : bytes) {
        EXPECT_FALSE(value);
        reader.feed({&byte, 1});
        value = reader.next();
    }
    ASSERT_TRUE(value);
    ASSERT_EQ(value->elements.size(), 3U);
    EXPECT_EQ(value->elements[0].text, "hello");
    EXPECT_EQ(value->elements[1].elements[1].text, "x");
}

TEST(Resp, refuses_garbage) {
    for (const std::string_view bytes : {"HTTP/1.1 400 Bad Request\r\n",
                                         "\r\n",
                                         "%1\r\n+a\r\n+b\r\n",
                                         ":12x\r\n",
                                         ":\r\n",
                                         "$x\r\n",
                                         "*x\r\n",
                                         "\x16\x03\x01"}) {
        ReplyReader reader;
        expect_protocol_error(reader, bytes);
    }
}

TEST(Resp, refuses_impossible_lengths) {
    for (const std::string_view bytes : {"$-2\r\n",
                                         "$-9223372036854775808\r\n",
                                         "$9223372036854775808\r\n",
                                         "*-2\r\n",
                                         "*2147483648\r\n",
                                         "*9223372036854775807\r\n",
                                         "$99999999999999999999999999\r\n"}) {
        ReplyReader reader;
        expect_protocol_error(reader, bytes);
    }
}

TEST(Resp, does_not_believe_a_huge_length_before_the_bytes_are_there) {
    ReplyReader reader({.bytes = 1000, .values = 100});
    reader.feed("$9223372036854775807\r\n");
    EXPECT_FALSE(reader.next());
    expect_protocol_error(reader, std::string(1000, 'x'));

    ReplyReader array({.bytes = 1000, .values = 100});
    array.feed("*2147483647\r\n");
    EXPECT_FALSE(array.next());
}

TEST(Resp, limits_the_length_of_a_line_and_not_of_a_text) {
    ReplyReader reader;
    reader.feed("$300000\r\n" + std::string(200'000, 'x'));
    EXPECT_FALSE(reader.next());
    reader.feed(std::string(100'000, 'x') + "\r\n");
    EXPECT_EQ(reader.next()->text.size(), 300'000U);
    reader.feed("+" + std::string(60'000, 'x'));
    EXPECT_FALSE(reader.next());
    expect_protocol_error(reader, std::string(6'000, 'x'));
}

TEST(Resp, limits_the_bytes_of_one_reply_and_not_of_many) {
    ReplyReader reader({.bytes = 100, .values = 10});
    for (int i = 0; i < 1000; ++i) {
        reader.feed("$3\r\nabc\r\n$3\r\nab");
        ASSERT_TRUE(reader.next());
        ASSERT_FALSE(reader.next());
        reader.feed("c\r\n");
        ASSERT_TRUE(reader.next());
    }
    expect_protocol_error(reader, "$200\r\n" + std::string(200, 'x') + "\r\n");
}

TEST(Resp, limits_the_values_of_one_reply_and_not_of_many) {
    ReplyReader reader({.bytes = 1000, .values = 10});
    for (int i = 0; i < 100; ++i) {
        reader.feed("*3\r\n:1\r\n:2\r\n:3\r\n");
        ASSERT_TRUE(reader.next());
    }
    expect_protocol_error(reader, "*10\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n");
}

TEST(Resp, limits_the_depth) {
    ReplyReader reader;
    reader.feed(nested(7));
    EXPECT_TRUE(reader.next());
    expect_protocol_error(reader, nested(9));
    ReplyReader deep;
    expect_protocol_error(deep, nested(100'000));
}

TEST(Resp, frees_what_an_unfinished_reply_holds) {
    ReplyReader reader;
    reader.feed("*3\r\n$40\r\n0123456789012345678901234567890123456789\r\n*2\r\n$1\r\n");
    EXPECT_FALSE(reader.next());
}

void expect_meaning(std::string_view reply, ErrorKind kind, std::string_view code) {
    const Error error = error_of(reply);
    EXPECT_EQ(error.kind(), kind) << reply;
    EXPECT_EQ(error.code(), code) << reply;
}

TEST(ReplyError, tells_the_kinds_of_refusal_apart) {
    expect_meaning("OOM command not allowed when used memory > 'maxmemory'.", ErrorKind::transient, "redis_oom");
    expect_meaning("READONLY You can't write against a read only replica.", ErrorKind::transient, "redis_readonly");
    expect_meaning("LOADING Redis is loading the dataset in memory", ErrorKind::transient, "redis_loading");
    expect_meaning("MASTERDOWN Link with MASTER is down", ErrorKind::transient, "redis_masterdown");
    expect_meaning("BUSY Redis is busy running a script.", ErrorKind::transient, "redis_busy");
    expect_meaning("MISCONF Redis is configured to save RDB snapshots", ErrorKind::transient, "redis_misconf");
    expect_meaning("CLUSTERDOWN The cluster is down", ErrorKind::transient, "redis_clusterdown");
    expect_meaning("ERR max number of clients reached", ErrorKind::transient, "redis_clients");
    expect_meaning("NOAUTH Authentication required.", ErrorKind::unauthorized, "redis_auth");
    expect_meaning("WRONGPASS invalid username-password pair", ErrorKind::unauthorized, "redis_auth");
    expect_meaning("NOPERM this user has no permissions", ErrorKind::unauthorized, "redis_permission");
    expect_meaning("MOVED 3999 127.0.0.1:6381", ErrorKind::permanent, "redis_cluster");
    expect_meaning("ASK 3999 127.0.0.1:6381", ErrorKind::permanent, "redis_cluster");
    expect_meaning("WRONGTYPE Operation against a key", ErrorKind::permanent, "redis_wrongtype");
    expect_meaning("EXECABORT Transaction discarded because of: NOPERM this user has no permissions",
                   ErrorKind::unauthorized,
                   "redis_permission");
    expect_meaning("EXECABORT Transaction discarded because of previous errors.", ErrorKind::permanent, "redis_error");
    expect_meaning("ERR syntax error", ErrorKind::permanent, "redis_error");
    expect_meaning("", ErrorKind::permanent, "redis_error");
}

TEST(ReplyError, repeats_no_arguments_and_no_control_characters) {
    const std::string text = error_of("ERR unknown\x1b command 'XADD', with args beginning with: 'secret'").what();
    EXPECT_EQ(text, "Redis refuses a command: ERR unknown? command 'XADD'");
}

}  // namespace
}  // namespace signwatch::redis
