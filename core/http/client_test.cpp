#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/http/client_fixture.hpp"

namespace signwatch::http::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

struct ClientTest : ClientFixture {
    Outcome send_to(const TestServer& server) { return send(identity(server), get(server)); }
    Outcome download_from(const TestServer& server) {
        const auto client = factory->create(identity(server));
        return finish(client->download(get(server), sink));
    }
    /// A server that writes `bytes` and cuts the connection without a TLS goodbye.
    std::unique_ptr<TestServer> cutting(const std::string& bytes) {
        return std::make_unique<TestServer>(serving(host()),
                                            [bytes](const ServerRequest&, ServerConnection& connection) {
                                                connection.write(bytes);
                                                connection.close();
                                            });
    }
    std::unique_ptr<TestServer> answering(int status, const std::string& body, const std::string& headers = "") {
        return std::make_unique<TestServer>(serving(host()), [=](const ServerRequest&, ServerConnection& connection) {
            connection.answer(status, body, headers);
        });
    }
    CollectingSink sink;
};

TEST_F(ClientTest, request_and_answer_arrive_as_they_are) {
    const auto server = answering(200, "the body", "X-Next-permitted-poll-time: soon \r\nX-Two: 1\r\nx-two: 2\r\n");
    HttpRequest request = get(*server, "/api/1?polling_queue=a%20b");
    request.headers = {{"Accept", "application/xml"}, {"X-Empty", ""}};
    const Outcome outcome = send(identity(*server), request);
    ASSERT_EQ(outcome.code(), "answer 200") << outcome.text();
    EXPECT_EQ(outcome.response->body, "the body");
    EXPECT_TRUE(outcome.response->complete);
    EXPECT_EQ(outcome.response->header("x-next-permitted-POLL-time"), "soon");
    EXPECT_EQ(outcome.response->header("x-two"), "1");
    const std::string head = server->last().head;
    EXPECT_THAT(head, HasSubstr("GET /api/1?polling_queue=a%20b HTTP/1.1\r\n"));
    EXPECT_THAT(head, HasSubstr("User-Agent: signwatch-test/1\r\n"));
    EXPECT_THAT(head, HasSubstr("Accept: application/xml\r\n"));
    EXPECT_THAT(head, HasSubstr("X-Empty:"));
    EXPECT_THAT(head, Not(HasSubstr("Accept-Encoding")));
}

TEST_F(ClientTest, methods_follow_each_other_on_one_handle) {
    const auto server = answering(200, "");
    const auto client = factory->create(identity(*server));
    for (const std::string method : {"POST", "GET", "PUT", "DELETE", "HEAD", "POST", "PATCH", "GET"}) {
        HttpRequest request = get(*server);
        request.method = method;
        if (method == "PATCH" || method == "PUT") request.body = "change";
        ASSERT_EQ(finish(client->send(request)).code(), "answer 200") << method;
        EXPECT_THAT(server->last().head, HasSubstr(method + " / HTTP/1.1"));
        EXPECT_EQ(server->last().body, request.body);
        EXPECT_THAT(server->last().head, Not(HasSubstr("Expect")));
    }
    EXPECT_EQ(server->connections(), 1);
}

TEST_F(ClientTest, an_empty_post_has_a_length_and_no_type) {
    const auto server = answering(204, "");
    HttpRequest request = get(*server);
    request.method = "POST";
    EXPECT_EQ(send(identity(*server), request).code(), "answer 204");
    EXPECT_THAT(server->last().head, HasSubstr("Content-Length: 0\r\n"));
    EXPECT_THAT(server->last().head, Not(HasSubstr("Content-Type")));
}

TEST_F(ClientTest, headers_cannot_be_smuggled) {
    const auto server = answering(200, "");
    for (const HttpHeader& header : {HttpHeader{"X", "a\r\nY: b"}, HttpHeader{"X: y\r\nZ", "a"}, HttpHeader{"", "a"}}) {
        HttpRequest request = get(*server);
        request.headers = {header};
        EXPECT_EQ(send(identity(*server), request).code(), "http_request");
    }
    HttpRequest request = get(*server);
    request.method = "GET / HTTP/1.1\r\nX:";
    EXPECT_EQ(send(identity(*server), request).code(), "http_request");
    EXPECT_EQ(server->connections(), 0);
}

TEST_F(ClientTest, connections_are_kept_and_reused) {
    const auto server = answering(200, std::string(100'000, 'x'));
    const auto client = factory->create(identity(*server));
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(finish(client->send(get(*server))).code(), "answer 200");
    EXPECT_EQ(server->requests(), 20);
    EXPECT_EQ(server->connections(), 1);
}

TEST_F(ClientTest, a_hundred_parallel_downloads_share_the_connections) {
    const std::string document(200'000, 'd');
    const auto server = answering(200, document);
    HttpIdentity who = identity(*server);
    who.max_connections = 4;
    const auto client = factory->create(who);
    std::vector<CollectingSink> sinks(100);
    std::vector<Outcome> outcomes(100);
    for (std::size_t i = 0; i < 100; ++i)
        begin(client->download(get(*server), sinks[i]), outcomes[i]);
    for (std::size_t i = 0; i < 100; ++i) {
        wait(outcomes[i]);
        EXPECT_EQ(outcomes[i].code(), "answer 200") << outcomes[i].text();
        EXPECT_EQ(sinks[i].text, document);
    }
    EXPECT_EQ(server->requests(), 100);
    EXPECT_LE(server->connections(), 4);
}

TEST_F(ClientTest, time_in_the_queue_does_not_count_as_time_out) {
    const TestServer server(serving(host()), [](const ServerRequest&, ServerConnection& connection) {
        std::this_thread::sleep_for(400ms);
        connection.answer(200, "");
    });
    HttpIdentity who = identity(server);
    who.max_connections = 1;
    const auto client = factory->create(who);
    HttpRequest request = get(server);
    request.total_timeout = 2s;
    std::vector<Outcome> outcomes(6);
    for (auto& outcome : outcomes)
        begin(client->send(request), outcome);
    for (auto& outcome : outcomes) {
        wait(outcome);
        EXPECT_EQ(outcome.code(), "answer 200") << outcome.text();
    }
}

TEST_F(ClientTest, redirects_are_answers) {
    const auto target = answering(200, "reached");
    const auto server = answering(302, "", "Location: " + target->origin("127.0.0.1") + "/\r\n");
    EXPECT_EQ(send_to(*server).code(), "answer 302");
    EXPECT_EQ(server->requests(), 1);
    EXPECT_EQ(target->connections(), 0);
}

TEST_F(ClientTest, every_status_is_an_answer) {
    for (const int status : {200, 204, 400, 401, 404, 409, 410, 429, 500, 503}) {
        const auto server = answering(status, "");
        EXPECT_EQ(send_to(*server).code(), "answer " + std::to_string(status));
    }
}

TEST_F(ClientTest, interim_answers_are_passed_over) {
    const auto server =
        cutting("HTTP/1.1 103 Early\r\nX-Early: 1\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    const Outcome outcome = send_to(*server);
    ASSERT_EQ(outcome.code(), "answer 200") << outcome.text();
    EXPECT_EQ(outcome.response->body, "ok");
    EXPECT_FALSE(outcome.response->header("X-Early"));
}

TEST_F(ClientTest, compressed_answers_are_refused) {
    for (const std::string header :
         {"Content-Encoding: gzip\r\n", "content-encoding:br\r\n", "Content-Encoding: identity, gzip\r\n"}) {
        const auto server = answering(200, "\x1f\x8b", header);
        const Outcome outcome = send_to(*server);
        EXPECT_EQ(outcome.code(), "http_encoding");
        EXPECT_EQ(outcome.error->kind(), ErrorKind::integrity);
    }
    const auto in_transfer = cutting("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n");
    EXPECT_EQ(send_to(*in_transfer).code(), "http_encoding");
    const auto plain = answering(200, "plain", "Content-Encoding: Identity\r\n");
    EXPECT_EQ(send_to(*plain).code(), "answer 200");
}

TEST_F(ClientTest, nothing_of_the_environment_is_used) {
    ::setenv("https_proxy", "http://127.0.0.1:1", 1);
    ::setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
    const auto server = answering(200, "direct", "Set-Cookie: a=b\r\n");
    const auto client = factory->create(identity(*server));
    EXPECT_EQ(finish(client->send(get(*server))).code(), "answer 200");
    EXPECT_EQ(finish(client->send(get(*server))).code(), "answer 200");
    EXPECT_THAT(server->last().head, Not(HasSubstr("Cookie")));
    ::unsetenv("https_proxy");
    ::unsetenv("ALL_PROXY");
}

TEST_F(ClientTest, a_sink_that_throws_ends_the_download_with_its_own_error) {
    struct FullDisk : DocumentSink {
        void write(std::span<const std::byte>) override {
            throw Error(ErrorKind::transient, "document_write", "disk full");
        }
    } full;
    const auto server = answering(200, std::string(1'000'000, 'x'));
    const auto client = factory->create(identity(*server));
    EXPECT_EQ(finish(client->download(get(*server), full)).code(), "document_write");
    EXPECT_EQ(finish(client->send(get(*server))).code(), "answer 200");
}

TEST_F(ClientTest, only_a_200_goes_to_the_sink) {
    const auto server = answering(404, "<error/>");
    const Outcome outcome = download_from(*server);
    ASSERT_EQ(outcome.code(), "answer 404");
    EXPECT_EQ(outcome.response->body, "<error/>");
    EXPECT_EQ(sink.text, "");
}

TEST_F(ClientTest, cut_download_is_an_error_and_cut_answer_is_not) {
    const auto server = cutting("HTTP/1.1 200 OK\r\nContent-Length: 100\r\nX-A: b\r\n\r\npart");
    EXPECT_EQ(download_from(*server).code(), "http_io");
    EXPECT_EQ(sink.text, "part");
    const Outcome outcome = send_to(*server);
    ASSERT_EQ(outcome.code(), "answer 200") << outcome.text();
    EXPECT_FALSE(outcome.response->complete);
    EXPECT_EQ(outcome.response->header("x-a"), "b");
    EXPECT_EQ(outcome.response->body, "part");
}

TEST_F(ClientTest, every_way_to_cut_an_answer_is_noticed) {
    for (const std::string bytes : {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n",
                                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\npart\r\n",
                                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\npart",
                                    "HTTP/1.1 200 OK\r\n\r\npart until the connection ends"}) {
        const auto server = cutting(bytes);
        EXPECT_EQ(download_from(*server).code(), "http_io") << bytes;
        const Outcome outcome = send_to(*server);
        ASSERT_EQ(outcome.code(), "answer 200") << outcome.text();
        EXPECT_FALSE(outcome.response->complete) << bytes;
    }
    for (const std::string bytes :
         {"", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nX: y\r\n", "HTT", "rubbish\r\n\r\n"}) {
        const auto server = cutting(bytes);
        EXPECT_EQ(send_to(*server).code(), "http_io") << bytes;
    }
}

TEST_F(ClientTest, a_body_without_a_length_is_complete_after_a_tls_goodbye) {
    const TestServer server(serving(host()), [](const ServerRequest&, ServerConnection& connection) {
        connection.write("HTTP/1.1 200 OK\r\n\r\nall of it");
        connection.close_notify();
    });
    const Outcome outcome = send_to(server);
    ASSERT_EQ(outcome.code(), "answer 200") << outcome.text();
    EXPECT_TRUE(outcome.response->complete);
    EXPECT_EQ(outcome.response->body, "all of it");
}

TEST_F(ClientTest, a_request_is_sent_once_even_if_the_kept_connection_ends) {
    std::atomic<int> seen = 0;
    const TestServer server(serving(host()), [&seen](const ServerRequest&, ServerConnection& connection) {
        if (++seen == 2) return connection.close();
        connection.answer(200, "");
    });
    const auto client = factory->create(identity(server));
    EXPECT_EQ(finish(client->send(get(server))).code(), "answer 200");
    EXPECT_EQ(finish(client->send(get(server))).code(), "http_io");
    EXPECT_EQ(server.requests(), 2);
    EXPECT_EQ(finish(client->send(get(server))).code(), "answer 200");
}

}  // namespace
}  // namespace signwatch::http::testing
