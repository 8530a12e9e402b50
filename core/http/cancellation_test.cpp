#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

#include "core/http/client_fixture.hpp"

namespace signwatch::http::testing {
namespace {

using namespace std::chrono_literals;

void hang(const ServerRequest&, ServerConnection& connection) {
    connection.linger();
}

struct CancellationTest : ClientFixture {
    /// Requests that wait for the server, more than there are connections.
    void begin_all(HttpClient& client) {
        for (auto& outcome : outcomes)
            begin(client.send(get(server)), outcome);
        while (server.requests() < 2)
            loop.run_one_for(100ms);
    }
    void expect_all_cancelled() {
        for (auto& outcome : outcomes) {
            wait(outcome);
            EXPECT_EQ(outcome.code(), "cancelled");
            EXPECT_EQ(outcome.error->kind(), ErrorKind::cancelled);
        }
    }
    HttpIdentity two_connections() {
        HttpIdentity who = identity(server);
        who.max_connections = 2;
        return who;
    }
    TestServer server{serving(host()), hang};
    std::vector<Outcome> outcomes{5};
};

TEST_F(CancellationTest, destroying_the_client_cancels_its_requests) {
    auto client = factory->create(two_connections());
    begin_all(*client);
    client.reset();
    expect_all_cancelled();
}

TEST_F(CancellationTest, cancel_all_ends_what_runs_and_what_comes) {
    const auto client = factory->create(two_connections());
    begin_all(*client);
    factory->cancel_all();
    expect_all_cancelled();
    EXPECT_EQ(finish(client->send(get(server))).code(), "cancelled");
    EXPECT_EQ(send(two_connections(), get(server)).code(), "cancelled");
    EXPECT_EQ(server.requests(), 2);
}

TEST_F(CancellationTest, a_cancelled_coroutine_lets_go_of_its_request) {
    const auto client = factory->create(two_connections());
    boost::asio::cancellation_signal signal;
    Outcome outcome;
    auto completed = [&outcome](std::exception_ptr error, HttpResponse) {
        try {
            if (error) std::rethrow_exception(error);
        } catch (const Error& caught) {
            outcome.error = caught;
        }
    };
    boost::asio::co_spawn(
        loop, client->send(get(server)), boost::asio::bind_cancellation_slot(signal.slot(), std::move(completed)));
    while (server.requests() < 1)
        loop.run_one_for(100ms);
    signal.emit(boost::asio::cancellation_type::terminal);
    wait(outcome);
    EXPECT_EQ(outcome.code(), "cancelled");
}

TEST_F(CancellationTest, a_loop_that_is_destroyed_takes_its_requests_along) {
    boost::asio::io_context other{1};
    const auto other_factory = make_client_factory(other.get_executor());
    const auto client = other_factory->create(two_connections());
    for (int i = 0; i < 5; ++i)
        boost::asio::co_spawn(other, client->send(get(server)), boost::asio::detached);
    while (server.requests() < 2)
        other.run_one_for(100ms);
}

TEST_F(CancellationTest, cancelling_while_connecting_or_resolving_is_harmless) {
    for (const std::string& origin : {server.origin("localhost"), std::string("https://nowhere.invalid")}) {
        for (int rounds = 0; rounds < 4; ++rounds) {
            auto client = factory->create(identity(origin));
            Outcome outcome;
            begin(client->send(get(origin)), outcome);
            for (int i = 0; i < rounds; ++i)
                loop.run_one_for(1ms);
            client.reset();
            if (!outcome.error) wait(outcome);
            EXPECT_TRUE(outcome.error);
        }
    }
}

}  // namespace
}  // namespace signwatch::http::testing
