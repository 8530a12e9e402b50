#include <array>

#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "core/events/redis/test_support.hpp"
#include "tests/fakes/memory_event_stream.hpp"

namespace signwatch::redis {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using signwatch::testing::outbox_event;

const std::string welcome = "+OK\r\n+OK\r\n*0\r\n";
const std::string no_stream = "+OK\r\n-ERR no such key\r\n";
const std::string changed_meanwhile = "+OK\r\n+QUEUED\r\n*-1\r\n";

// Takes one connection, gives the next of its answers each time something comes, and hangs up after the last.
Task<void> serve(tcp::acceptor& acceptor, const std::vector<std::string>& answers) {
    boost::system::error_code failure;
    auto token = asio::redirect_error(asio::use_awaitable, failure);
    tcp::socket socket = co_await acceptor.async_accept(token);
    for (const std::string& answer : answers) {
        std::array<char, 4096> question{};
        const auto room = asio::buffer(question);
        const auto reply = asio::buffer(answer);
        co_await socket.async_read_some(room, token);
        if (failure) co_return;
        co_await asio::async_write(socket, reply, token);
    }
}

RedisSettings settings_for_port(int port, std::chrono::milliseconds patience) {
    RedisSettings settings;
    settings.addresses.front().port = port;
    settings.access.reply_timeout = patience;
    return settings;
}

/// A client of a server that says what the test wants.
class Scripted {
public:
    explicit Scripted(std::vector<std::string> answers, std::chrono::milliseconds patience = std::chrono::seconds{20})
        : answers_(std::move(answers)), patience_(patience) {
        asio::co_spawn(client_.loop(), serve(acceptor_, answers_), asio::detached);
    }

    PublishResult publish() { return client_.publish({}, {outbox_event(1)}); }
    void expect(ErrorKind kind, const std::string& code) {
        expect_error(kind, code, [this] { publish(); });
    }

private:
    asio::io_context unused_;
    std::vector<std::string> answers_;
    std::chrono::milliseconds patience_;
    tcp::acceptor listening_{unused_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
    Client client_{settings_for_port(listening_.local_endpoint().port(), patience_)};
    tcp::acceptor acceptor_{client_.loop(), tcp::v4(), listening_.release()};
};

TEST(HostileServer, sends_garbage) {
    for (const std::string answer : {"HTTP/1.1 400 Bad Request\r\n\r\n", "*2147483648\r\n", "$-7\r\n"}) {
        Scripted(std::vector<std::string>{answer}).expect(ErrorKind::transient, "redis_protocol");
        Scripted({welcome, answer}).expect(ErrorKind::transient, "redis_protocol");
    }
}

TEST(HostileServer, sends_a_reply_without_end) {
    const std::string flood(std::size_t{17} << 20, 'x');
    Scripted({welcome, "+" + flood}).expect(ErrorKind::transient, "redis_protocol");
    Scripted({welcome, "$1000000000\r\n" + flood}).expect(ErrorKind::transient, "redis_protocol");
}

TEST(HostileServer, sends_half_a_reply_and_waits) {
    Scripted({welcome, "+OK\r\n*14\r\n$6\r\n", "never"}, std::chrono::milliseconds{200})
        .expect(ErrorKind::transient, "redis_timeout");
}

TEST(HostileServer, hangs_up) {
    Scripted(std::vector<std::string>{}).expect(ErrorKind::transient, "redis_io");
    Scripted(std::vector<std::string>{welcome}).expect(ErrorKind::transient, "redis_io");
    Scripted({welcome, no_stream, "+OK\r\n+QUEUED\r\n"}).expect(ErrorKind::transient, "redis_io");
}

TEST(HostileServer, says_why_before_it_hangs_up) {
    Scripted(std::vector<std::string>{"-ERR max number of clients reached\r\n"})
        .expect(ErrorKind::transient, "redis_clients");
}

TEST(HostileServer, belongs_to_a_cluster) {
    const std::string moved = "-MOVED 3999 127.0.0.1:6381\r\n";
    Scripted({welcome, moved + moved}).expect(ErrorKind::permanent, "redis_cluster");
}

TEST(HostileServer, answers_xinfo_with_something_else) {
    for (const std::string answer : {"*0\r\n", ":1\r\n", "$-1\r\n", "*2\r\n$17\r\nlast-generated-id\r\n$3\r\nx-y\r\n"})
        Scripted({welcome, "+OK\r\n" + answer}).expect(ErrorKind::transient, "redis_protocol");
}

TEST(HostileServer, answers_exec_with_too_little) {
    for (const std::string answer : {"*0\r\n", ":1\r\n", "+OK\r\n"})
        Scripted({welcome, no_stream, "+OK\r\n+QUEUED\r\n" + answer}).expect(ErrorKind::transient, "redis_protocol");
}

TEST(HostileServer, carries_out_a_transaction_in_part) {
    const std::string refused = "*1\r\n-WRONGTYPE Operation against a key\r\n";
    Scripted({welcome, no_stream, "+OK\r\n+QUEUED\r\n" + refused}).expect(ErrorKind::permanent, "redis_wrongtype");
}

TEST(Contention, is_overcome) {
    Scripted scripted({welcome, no_stream, changed_meanwhile, no_stream, "+OK\r\n+QUEUED\r\n*1\r\n$3\r\n1-0\r\n"});
    const PublishResult result = scripted.publish();
    EXPECT_TRUE(result.intact);
    EXPECT_EQ(result.end, (EntryId{1, 0}));
}

TEST(Contention, is_not_fought_for_ever) {
    std::vector<std::string> answers{welcome};
    for (int i = 0; i < 5; ++i) {
        answers.push_back(no_stream);
        answers.push_back(changed_meanwhile);
    }
    Scripted(answers).expect(ErrorKind::transient, "stream_contended");
}

}  // namespace
}  // namespace signwatch::redis
