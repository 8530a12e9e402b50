#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/http/client_fixture.hpp"

namespace signwatch::http::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

/// Bytes for ever, or until the client hangs up.
TestServer::Script endless(const std::string& head, const std::string& piece) {
    return [=](const ServerRequest&, ServerConnection& connection) {
        connection.write(head);
        while (connection.write(piece)) {
        }
    };
}

void never_answer(const ServerRequest&, ServerConnection& connection) {
    connection.linger();
}

struct LimitsTest : ClientFixture {
    std::unique_ptr<TestServer> serve(TestServer::Script script) {
        return std::make_unique<TestServer>(serving(host()), std::move(script));
    }
    /// A port where nobody listens.
    static std::string closed_origin() {
        boost::asio::io_context context;
        using boost::asio::ip::tcp;
        tcp::acceptor acceptor(context, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
        return "https://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port());
    }
    CollectingSink sink;
};

TEST_F(LimitsTest, endless_bodies_are_capped) {
    const std::string kilobyte(1024, 'x');
    for (const auto& [head, piece] : std::vector<std::pair<std::string, std::string>>{
             {"HTTP/1.1 200 OK\r\n\r\n", kilobyte},
             {"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", kilobyte},
             {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "400\r\n" + kilobyte + "\r\n"}}) {
        const auto server = serve(endless(head, piece));
        const auto client = factory->create(identity(*server));
        HttpRequest request = get(*server);
        request.max_body = 100'000;
        sink.text.clear();
        const Outcome sent = finish(client->send(request));
        EXPECT_EQ(sent.code(), "body_too_large");
        EXPECT_EQ(sent.error->kind(), ErrorKind::integrity);
        EXPECT_EQ(finish(client->download(request, sink)).code(), "body_too_large");
        EXPECT_LE(sink.text.size(), 100'000U);
    }
}

TEST_F(LimitsTest, a_body_of_just_the_size_passes) {
    const auto server = serve(
        [](const ServerRequest&, ServerConnection& connection) { connection.answer(200, std::string(100'000, 'x')); });
    HttpRequest request = get(*server);
    request.max_body = 100'000;
    EXPECT_EQ(send(identity(*server), request).code(), "answer 200");
    request.max_body = 99'999;
    EXPECT_EQ(send(identity(*server), request).code(), "body_too_large");
}

TEST_F(LimitsTest, of_an_error_to_a_download_only_the_first_part_is_kept) {
    const auto server = serve(endless("HTTP/1.1 500 x\r\n\r\n", std::string(1000, 'x')));
    const auto client = factory->create(identity(*server));
    const Outcome outcome = finish(client->download(get(*server), sink));
    ASSERT_EQ(outcome.code(), "answer 500") << outcome.text();
    EXPECT_EQ(outcome.response->body.size(), 65'536U);
    EXPECT_FALSE(outcome.response->complete);
    EXPECT_EQ(sink.text, "");
}

TEST_F(LimitsTest, headers_are_capped_in_number_and_size) {
    std::string many;
    for (int i = 0; i < 101; ++i)
        many += "X-" + std::to_string(i) + ": y\r\n";
    const std::string long_line = "X: " + std::string(70'000, 'y') + "\r\n";
    for (const std::string& headers : {many, long_line}) {
        const auto server =
            serve([&](const ServerRequest&, ServerConnection& connection) { connection.answer(200, "", headers); });
        const Outcome outcome = send(identity(*server), get(*server));
        EXPECT_EQ(outcome.code(), "http_headers") << outcome.text();
        EXPECT_EQ(outcome.error->kind(), ErrorKind::integrity);
    }
    const auto server = serve(endless("", "HTTP/1.1 103 Early\r\nX: y\r\n\r\n"));
    EXPECT_EQ(send(identity(*server), get(*server)).code(), "http_headers");
}

TEST_F(LimitsTest, a_slow_body_ends_the_transfer) {
    const auto server = serve([](const ServerRequest&, ServerConnection& connection) {
        connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
        while (connection.write("x"))
            std::this_thread::sleep_for(50ms);
    });
    const auto impatient = make_client_factory(loop.get_executor(), {.slow_window = 1s});
    const auto client = impatient->create(identity(*server));
    const Outcome outcome = finish(client->download(get(*server), sink));
    EXPECT_EQ(outcome.code(), "http_slow");
    EXPECT_EQ(outcome.error->kind(), ErrorKind::transient);
}

TEST_F(LimitsTest, total_time_out) {
    const auto server = serve(never_answer);
    HttpRequest request = get(*server);
    request.total_timeout = 300ms;
    request.min_bytes_per_second = 0;
    const Outcome outcome = send(identity(*server), request);
    EXPECT_EQ(outcome.code(), "http_timeout");
    EXPECT_THAT(outcome.text(), Not(HasSubstr("127.0.0.1")));
}

TEST_F(LimitsTest, a_server_that_does_not_shake_hands_is_given_up_in_time) {
    boost::asio::io_context context;
    using boost::asio::ip::tcp;
    const tcp::acceptor silent(context, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
    const std::string origin = "https://127.0.0.1:" + std::to_string(silent.local_endpoint().port());
    HttpRequest request = get(origin);
    request.connect_timeout = 300ms;
    EXPECT_EQ(send(identity(origin), request).code(), "http_connect");
}

TEST_F(LimitsTest, nobody_listens) {
    const std::string origin = closed_origin();
    const Outcome outcome = send(identity(origin), get(origin));
    EXPECT_EQ(outcome.code(), "http_connect");
    EXPECT_EQ(outcome.error->kind(), ErrorKind::transient);
}

TEST_F(LimitsTest, unknown_host) {
    const std::string origin = "https://nowhere.invalid";
    HttpRequest request = get(origin);
    EXPECT_EQ(send(identity(origin), request).code(), "http_connect");
}

}  // namespace
}  // namespace signwatch::http::testing
